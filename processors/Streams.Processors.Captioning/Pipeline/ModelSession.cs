using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Families;
using Streams.Schemas.Frames;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>A model that was trained here.</summary>
internal sealed class ModelSession : ICaptionSession
{
    private readonly VisionLanguageModel _model;
    private readonly CaptionGenerator _generator;
    private readonly int _batchSize;

    private ModelSession(VisionLanguageModel model, CaptionGenerator generator, CaptionerModelInfo info, int batchSize)
    {
        _model = model;
        _generator = generator;
        _batchSize = batchSize;
        Info = info;
    }

    public CaptionerModelInfo Info { get; }

    public static ModelSession Load(CaptionerOptions options)
    {
        set_num_threads(1); // tensors this small only get slower with more
        var device = TorchDevice.Resolve(options.Device);
        var config = ModelFolder.ReadConfig(options.ModelDirectory);
        var tokenizer = ModelFolder.ReadTokenizer(options.ModelDirectory);
        if (tokenizer.Count != config.TextConfig.VocabSize)
        {
            throw new ModelConfigException("text_config.vocab_size", $"is {config.TextConfig.VocabSize}, tokenizer.json has {tokenizer.Count} words; take the files that belong together");
        }

        var model = ModelFolder.ReadModel(options.ModelDirectory, config);
        model.eval();
        model.to(device);
        var info = new CaptionerModelInfo(
            $"{config.Name} {config.Version}", model.parameters().Sum(parameter => parameter.numel()), config.FramesPerClip, config.VisionConfig.ImageSize, device.ToString());
        return new ModelSession(model, new CaptionGenerator(model, config, tokenizer, device), info, options.BatchSize);
    }

    public ClipInput Prepare(IReadOnlyList<RgbFrame> clip) => new Clip(ClipSampler.ToModelInput(clip, Info.FramesPerClip, Info.ImageSize));

    // In one pass, always of the same size.
    public IReadOnlyList<GeneratedCaption> Caption(IReadOnlyList<ClipInput> clips)
    {
        var filled = clips.Concat(Enumerable.Repeat(clips[^1], _batchSize - clips.Count)).Cast<Clip>().Select(clip => clip.Pixels).ToList();
        return [.. _generator.Generate(filled).Take(clips.Count)];
    }

    public void Dispose() => _model.Dispose();

    private sealed record Clip(byte[] Pixels) : ClipInput;
}
