using System.Diagnostics;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Pipeline;
using static TorchSharp.torch;

namespace Streams.Benchmarks.Captioning;

/// <summary>The shipped model's caption with a key-value cache, and by a whole pass for every token.</summary>
internal static class CacheSection
{
    private const int Repeats = 15;

    public static void Run(CaptioningSettings settings)
    {
        set_num_threads(1);
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        var folder = new CaptionerOptions().ModelDirectory;
        var config = ModelFolder.ReadConfig(folder);
        using var model = ModelFolder.ReadModel(folder, config);
        model.eval();
        var tensors = new ClipTensors(config, CPU);
        var prompt = tensor(tensors.Prompt(config.FramesPerClip)).unsqueeze(0);
        var visual = model.VisualTokens(tensors.Pixels([.. settings.Clip(0).Select(frame => frame.Pixels)]));
        var embeddings = model.Merge(prompt, visual, config.ImageTokenId);
        List<int> Cached() => [.. GreedyDecoder.Decode(model.Language, config.TextConfig, embeddings, config.MaxNewTokens, [])[0].Select(token => token.Id)];
        List<int> Recomputed()
        {
            using var inner = NewDisposeScope();
            var (sequence, ids) = (embeddings, new List<int>());
            while (ids.Count < config.MaxNewTokens)
            {
                var id = model.Language.Logits(model.Language.Hidden(sequence, null).select(1, sequence.shape[1] - 1)).argmax(-1);
                ids.Add((int)id.item<long>());
                sequence = cat([sequence, model.Language.Embed(id.unsqueeze(1))], 1);
            }

            return ids;
        }

        var same = Cached().SequenceEqual(Recomputed());
        var (with, without) = (double.MaxValue, double.MaxValue);
        for (var i = 0; i < Repeats; i++)
        {
            with = Math.Min(with, Milliseconds(Cached));
            without = Math.Min(without, Milliseconds(Recomputed));
        }

        settings.Promise(
            same && without > with,
            $"{config.MaxNewTokens} tokens after {embeddings.shape[1]}: {with:0.0} ms with the cache, {without:0.0} ms without, {without / with:0.0} times",
            "the same tokens, faster");
    }

    private static double Milliseconds(Func<List<int>> run)
    {
        var began = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
