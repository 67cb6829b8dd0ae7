using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Tokenization;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>Greedy decoding of a batch of clips. Not safe for concurrent use: it belongs to one thread.</summary>
internal sealed class CaptionGenerator(VisionLanguageModel model, CaptionerConfig config, WordTokenizer tokenizer, Device device)
{
    private readonly ClipTensors _tensors = new(config, device);
    private readonly string _name = $"{config.Name} {config.Version}";

    /// <summary>Captions of clips, each <see cref="CaptionerConfig.FramesPerClip"/> frames of RGB bytes at the model's size.</summary>
    public IReadOnlyList<GeneratedCaption> Generate(IReadOnlyList<byte[]> clips)
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        var pixels = _tensors.Pixels(clips.Count == 1 ? clips[0] : [.. clips.SelectMany(clip => clip)]);
        var prompt = tensor(_tensors.Prompt(config.FramesPerClip), device: device).expand(clips.Count, -1);
        var embeddings = model.Merge(prompt, model.VisualTokens(pixels), config.ImageTokenId);
        return [.. GreedyDecoder.Decode(model.Language, config.TextConfig, embeddings, config.MaxNewTokens, [config.EosTokenId]).Select(ToCaption)];
    }

    private GeneratedCaption ToCaption((int Id, double LogProbability)[] output) =>
        GeneratedCaption.From(tokenizer.Decode(output.Select(token => token.Id)), output, _name);
}
