using System.Runtime.Intrinsics.X86;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Serving;
using Streams.Processors.Captioning.Tokenization;
using Streams.Schemas.Frames;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>A model that was trained here.</summary>
internal sealed class ModelSession : ICaptionSession
{
    private readonly CaptionerConfig _config;
    private readonly WordTokenizer _tokenizer;
    private readonly VisionLanguageModel _model;
    private readonly long[] _prompt;

    private ModelSession(CaptionerConfig config, WordTokenizer tokenizer, VisionLanguageModel model, Device device, CaptionerOptions options)
    {
        (_config, _tokenizer, _model) = (config, tokenizer, model);
        var tensors = new ClipTensors(config, device);
        _prompt = tensors.Prompt(config.FramesPerClip);
        Info = new CaptionerModelInfo(
            $"{config.Name} {config.Version}",
            model.parameters().Sum(parameter => parameter.numel()),
            config.FramesPerClip,
            config.VisionConfig.ImageSize,
            device.ToString());
        Served = new ServedModel
        {
            Name = Info.Name,
            Model = model,
            Text = config.TextConfig,
            ImageTokenId = config.ImageTokenId,
            EndTokenIds = [config.EosTokenId],
            Pixels = frames => tensors.Pixels([.. frames.Select(frame => frame.Pixels)]),
            ImageSize = config.VisionConfig.ImageSize,
            Device = device,
            Type = ScalarType.Float32,
            SlotTokens = _prompt.Length + config.MaxNewTokens,
            EncodeSizes = [.. EncodeSizes(device).Where((size, i) => i == 0 || size <= options.BatchSize * config.FramesPerClip)],
            PromptTokens = _prompt.Length,
            Deterministic = options.Deterministic,
            Graphs = options.CudaGraphs && device.type == DeviceType.CUDA,
        };
    }

    public CaptionerModelInfo Info { get; }

    public ServedModel Served { get; }

    public int MaxNewTokens => _config.MaxNewTokens;

    public static ModelSession Load(CaptionerOptions options, Device device)
    {
        var folder = options.ModelDirectory;
        set_num_threads(1); // tensors this small only get slower with more
        var config = ModelFolder.ReadConfig(folder);
        var tokenizer = ModelFolder.ReadTokenizer(folder);
        if (tokenizer.Count != config.TextConfig.VocabSize)
        {
            throw new ModelConfigException("text_config.vocab_size", $"is {config.TextConfig.VocabSize}, tokenizer.json has {tokenizer.Count} words; take the files that belong together");
        }

        var model = ModelFolder.ReadModel(folder, config, device);
        model.eval();
        model.Fuse(kernels: false); // they are for bfloat16
        return new ModelSession(config, tokenizer, model, device, options);
    }

    public (IReadOnlyList<long> Ids, IReadOnlyList<RgbFrame> Images) Prepare(IReadOnlyList<RgbFrame> clip) =>
        (_prompt, ClipSampler.ToModelInput(clip, Info.FramesPerClip, Info.ImageSize));

    public GeneratedCaption Describe(IReadOnlyList<(int Id, double LogProbability)> tokens) =>
        GeneratedCaption.From(_tokenizer.Decode(tokens.Select(token => token.Id)), tokens, Info.Name);

    public void Dispose() => _model.Dispose();

    // Torch's kernels give the same bits in any number from 16 images on, those of this project from one on. On a CPU each of more than 32 costs as much, and what
    // lies between layers no longer fits its caches.
    private static int[] EncodeSizes(Device device) => device.type == DeviceType.CPU
        ? Avx512F.IsSupported ? [8, 16, 24, 32] : [16, 32]
        : [16, 32, 64, 128];
}
