using System.Collections.Concurrent;
using System.Diagnostics;
using Streams.Processors.Captioning.Pipeline;

namespace Streams.Benchmarks.Captioning;

/// <summary>Clips that come by the clock: what counts is whether each caption is there before the camera's next clip.</summary>
internal static class CamerasSection
{
    private const int Cameras = 3;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static async Task RunAsync(CaptioningSettings settings)
    {
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu" });
        var clips = Enumerable.Range(0, 40).Select(settings.Clip).ToList();
        await captioner.CaptionAsync(clips[0], CancellationToken.None);
        var latencies = new ConcurrentBag<double>();
        var processor = Environment.CpuUsage.TotalTime;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Cameras).Select(async camera =>
        {
            using var timer = new PeriodicTimer(Interval);
            var asked = new List<Task>();
            for (var i = 0; i < settings.Seconds * 2 && await timer.WaitForNextTickAsync(); i++)
            {
                asked.Add(MeasureAsync(captioner, camera, clips[((i * Cameras) + camera) % clips.Count]));
            }

            await Task.WhenAll(asked);
        }));
        var share = (Environment.CpuUsage.TotalTime - processor) / Stopwatch.GetElapsedTime(began);
        var sorted = latencies.Order().ToList();
        var late = sorted.Count(latency => latency > Interval.TotalMilliseconds);
        settings.Say($"{Cameras} cameras, a clip every {Interval.TotalMilliseconds} ms each; 99 % within {sorted[sorted.Count * 99 / 100]:0} ms");
        settings.Promise(
            late == 0,
            $"{sorted.Count} clips: median {sorted[sorted.Count / 2]:0} ms, slowest {sorted[^1]:0} ms, {late} after the next clip; {share:0.00} cores busy",
            "none after the next clip");

        async Task MeasureAsync(TorchCaptioner captioner, int camera, IReadOnlyList<Schemas.Frames.RgbFrame> clip)
        {
            var asked = Stopwatch.GetTimestamp();
            await captioner.CaptionAsync($"{camera}", clip, CancellationToken.None);
            latencies.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
        }
    }
}
