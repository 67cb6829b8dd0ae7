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
    private const int ClipsAtLeast = 100; // of fewer, too many are the first and the last, beside which slots are empty

    public static async Task RunAsync(CaptioningSettings settings)
    {
        var clips = Enumerable.Range(0, Math.Max(ClipsAtLeast, settings.Clips / 4)).Select(settings.Clip).ToList();
        await using var one = await LoadAsync(1);
        await using var eight = await LoadAsync(8);
        Mode[] modes =
        [
            new("1 at a time", one, 1),
            new("1 in a batch, all waiting", one, int.MaxValue),
            new("8 in a batch, all waiting", eight, int.MaxValue),
        ];
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            foreach (var mode in modes)
            {
                await mode.RunAsync(clips, counts: round >= WarmUps);
            }
        }

        foreach (var mode in modes)
        {
            settings.Say($"{mode.Name}: {clips.Count / mode.Wall:0.0} clips/s, {1000 * mode.Processor / clips.Count:0.0} ms of processor time a clip");
        }

        settings.Promise(modes.All(mode => mode.Captions.SequenceEqual(modes[0].Captions)), $"{clips.Count} captions and confidences", "the same in all");
        var batched = modes[^1];
        FormattableString Against(Mode mode) =>
            $"8 in a batch against {mode.Name}: {mode.Wall / batched.Wall:0.00} times the clips/s, {mode.Processor / batched.Processor:0.00} times the clips of a second of processor time";
        settings.Promise(modes[0].Wall / batched.Wall >= Goal, Against(modes[0]), $"goal {Goal} times the clips/s");

        // Batches of 1 that all wait have a clip encoded while the one before is decoded: what is left is what batches alone give.
        settings.Say(Against(modes[1]));
    }

    // No cache of embeddings: every clip is new.
    private static Task<TorchCaptioner> LoadAsync(int batch) =>
        TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu", BatchSize = batch, EmbeddingCacheBytes = 0, QueueCapacity = 4096 });

    private sealed class Mode(string name, TorchCaptioner captioner, int inFlight)
    {
        public string Name => name;

        /// <summary>Seconds of the fastest round.</summary>
        public double Wall { get; private set; } = double.MaxValue;

        /// <summary>Seconds of processor time of the cheapest round.</summary>
        public double Processor { get; private set; } = double.MaxValue;

        public IReadOnlyList<GeneratedCaption> Captions { get; private set; } = [];

        public async Task RunAsync(IReadOnlyList<IReadOnlyList<RgbFrame>> clips, bool counts)
        {
            var (began, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            using var room = new SemaphoreSlim(Math.Min(inFlight, clips.Count));
            Captions = await Task.WhenAll(clips.Select(async (clip, i) =>
            {
                await room.WaitAsync();
                var caption = await captioner.CaptionAsync($"{i % 3}", clip, CancellationToken.None);
                room.Release();
                return caption;
            }));
            if (counts)
            {
                Wall = Math.Min(Wall, Stopwatch.GetElapsedTime(began).TotalSeconds);
                Processor = Math.Min(Processor, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
            }
        }
    }
}
