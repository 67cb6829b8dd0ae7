using Streams.Processors.Captioning.Pipeline;

namespace Streams.Benchmarks.Captioning;

/// <summary>Resident memory after a fifth of the clips, when every buffer has been made, and after all.</summary>
internal static class MemorySection
{
    private const double Promised = 32;

    // Full after the first fifth: what grows from there on is not what an option allows to.
    private const long EmbeddingBytes = 4 * 1024 * 1024;

    public static async Task RunAsync(CaptioningSettings settings)
    {
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu", EmbeddingCacheBytes = EmbeddingBytes });
        var before = 0.0;
        foreach (var indices in Enumerable.Range(0, settings.Clips).Chunk(50))
        {
            await Task.WhenAll(indices.Select(i => captioner.CaptionAsync($"{i % 3}", settings.Clip(i), CancellationToken.None).AsTask()));
            if (before == 0 && indices[^1] >= (settings.Clips / 5) - 1)
            {
                before = await MegabytesAsync();
            }
        }

        var after = await MegabytesAsync();
        settings.Promise(
            after - before <= Promised,
            $"{settings.Clips} clips: {before:0} MB resident after the first fifth, {after:0} MB at the end",
            $"at most {Promised} MB more");
    }

    // Every five seconds the captioner gives back what tensors have left behind: a run of seconds would measure when.
    private static async Task<double> MegabytesAsync()
    {
        await Task.Delay(TimeSpan.FromSeconds(6));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet / 1e6;
    }
}
