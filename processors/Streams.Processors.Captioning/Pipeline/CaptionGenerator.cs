using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Modules;
using Streams.Processors.Captioning.Tokenization;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>Greedy decoding of a batch of clips. Not safe for concurrent use: it belongs to one thread.</summary>
internal sealed class CaptionGenerator(Mm1Model model, CaptionerConfig config, WordTokenizer tokenizer, Device device)
{
    private const int ConfidenceDigits = 6;
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
        return [.. Decode(embeddings, config.MaxNewTokens, config.EosTokenId).Select(ToCaption)];
    }

    /// <summary>Continues each sequence of <paramref name="embeddings"/> by its likeliest tokens until the end token.</summary>
    internal IReadOnlyList<(int Id, double LogProbability)[]> Decode(Tensor embeddings, int maxNewTokens, int? endToken)
    {
        using var scope = NewDisposeScope();
        var batch = (int)embeddings.shape[0];
        var cache = new KeyValueCache(config.TextConfig, batch, (int)embeddings.shape[1] + maxNewTokens, device);
        var outputs = Enumerable.Range(0, batch).Select(_ => new List<(int Id, double LogProbability)>()).ToArray();
        var input = embeddings;
        for (var step = 0; step < maxNewTokens; step++)
        {
            using var stepScope = NewDisposeScope();
            var hidden = model.Language.Hidden(input, cache);
            var (best, ids) = model.Language.Logits(hidden.select(1, hidden.shape[1] - 1)).log_softmax(-1).max(-1);
            var (probabilities, tokens) = (best.cpu().data<float>().ToArray(), ids.cpu().data<long>().ToArray());
            for (var i = 0; i < batch; i++)
            {
                if (outputs[i].Count == 0 || outputs[i][^1].Id != endToken)
                {
                    outputs[i].Add(((int)tokens[i], probabilities[i]));
                }
            }

            if (outputs.All(output => output[^1].Id == endToken))
            {
                break;
            }

            input = model.Language.Embed(ids.unsqueeze(1)).MoveToOuterDisposeScope();
        }

        return [.. outputs.Select(output => output.ToArray())];
    }

    private GeneratedCaption ToCaption((int Id, double LogProbability)[] output) => new(
        tokenizer.Decode(output.Select(token => token.Id)),
        Math.Round(Math.Exp(output.Average(token => token.LogProbability)), ConfidenceDigits),
        _name);
}
