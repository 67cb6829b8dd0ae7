using Streams.Processors.Captioning.Pipeline;

namespace Streams.Benchmarks.Captioning;

/// <summary>Resident memory after a fifth of the clips, when every buffer has been made, and after all.</summary>
internal static class MemorySection
{
    private const double Promised = 32;

    public static async Task RunAsync(CaptioningSettings settings)
    {
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu" });
        var before = 0.0;
        foreach (var indices in Enumerable.Range(0, settings.Clips).Chunk(50))
        {
            await Task.WhenAll(indices.Select(i => captioner.CaptionAsync($"{i % 3}", settings.Clip(i), CancellationToken.None).AsTask()));
            before = indices[^1] < settings.Clips / 5 || before == 0 ? Megabytes() : before;
        }

        var after = Megabytes();
        settings.Promise(
            after - before <= Promised,
            $"{settings.Clips} clips: {before:0} MB resident after the first fifth, {after:0} MB at the end",
            $"at most {Promised} MB more");
    }

    private static double Megabytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet / 1e6;
    }
}
