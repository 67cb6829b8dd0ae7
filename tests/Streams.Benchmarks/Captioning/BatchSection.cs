using System.Diagnostics;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Benchmarks.Captioning;

/// <summary>The shipped model, all clips waiting, no frame twice.</summary>
internal static class BatchSection
{
    // A round is seconds: the compiler, which goes on improving what a host has long had, is no part of what a clip costs.
    private const int WarmUps = 3;
    private const int Rounds = 3;
    private const double Goal = 4;

    public static async Task RunAsync(CaptioningSettings settings)
    {
        var clips = Enumerable.Range(0, settings.Clips / 10).Select(settings.Clip).ToList();
        await using var one = await LoadAsync(1);
        await using var eight = await LoadAsync(8);
        var none = (double.MaxValue, double.MaxValue);
        var best = new Dictionary<TorchCaptioner, (double Wall, double Processor)> { [one] = none, [eight] = none };
        var captions = new Dictionary<TorchCaptioner, IReadOnlyList<GeneratedCaption>>();
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            foreach (var captioner in new[] { one, eight })
            {
                var (began, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
                captions[captioner] = await CaptionAsync(captioner, clips);
                var wall = Stopwatch.GetElapsedTime(began).TotalSeconds;
                var spent = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
                if (round >= WarmUps)
                {
                    best[captioner] = (Math.Min(best[captioner].Wall, wall), Math.Min(best[captioner].Processor, spent));
                }
            }
        }

        foreach (var (captioner, name) in new[] { (one, "1"), (eight, "8") })
        {
            var (wall, processor) = best[captioner];
            settings.Say($"{name} at a time: {clips.Count / wall:0.0} clips/s, {1000 * processor / clips.Count:0.0} ms of processor time a clip");
        }

        settings.Promise(captions[one].SequenceEqual(captions[eight]), $"{clips.Count} captions and confidences", "the same in both");
        var ratio = best[one].Wall / best[eight].Wall;
        var ofProcessorTime = best[one].Processor / best[eight].Processor;
        // Judged by processor time: what else the machine does is not this program's.
        settings.Promise(
            ofProcessorTime >= Goal,
            $"8 against 1: {ratio:0.00} times the clips/s, {ofProcessorTime:0.00} times the clips of a second of processor time",
            $"goal {Goal} times, of a second of processor time");
    }

    // No cache of embeddings: every clip is new. One at a time means that the next is not sent before the last is back.
    private static Task<TorchCaptioner> LoadAsync(int batch) =>
        TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu", BatchSize = batch, EmbeddingCacheBytes = 0, QueueCapacity = 4096 });

    private static async Task<IReadOnlyList<GeneratedCaption>> CaptionAsync(TorchCaptioner captioner, IReadOnlyList<IReadOnlyList<RgbFrame>> clips) =>
        await Task.WhenAll(clips.Select((clip, i) => captioner.CaptionAsync($"{i % 3}", clip, CancellationToken.None).AsTask()));
}
