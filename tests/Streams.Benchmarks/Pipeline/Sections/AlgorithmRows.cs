using Streams.Benchmarks.Captioning;
using Streams.Benchmarks.Graphs.Online;
using Streams.Benchmarks.Modes;

namespace Streams.Benchmarks.Pipeline.Sections;

/// <summary>The targets of the three algorithms, from the sections that measure them at length: <c>modes scale</c>, <c>graphs-time</c>, <c>captioning</c>.</summary>
internal static class AlgorithmRows
{
    private const double HotKey = 5;
    private const double ManyKeys = 2;
    private const double BytesPerKey = 40;

    public static async Task RunAsync(PipelineSettings settings)
    {
        Modes(settings);
        Graphs(settings);
        foreach (var (section, target) in new[]
        {
            ("products", "≥ 0.7 of the time in matrix products"),
            ("batch", "≥ 4 times the clips of 1 at a time"),
            ("gate", "no change missed"),
        })
        {
            var clips = settings.Short ? "60" : "300";
            settings.Board.Verdict(
                $"captioning {section}, figures above", target, await CaptioningCommand.RunAsync([section, "--clips", clips], settings.Board.Output) == 0);
        }
    }

    private static void Modes(PipelineSettings settings)
    {
        settings.Board.AtLeast("modes: one hot key", HotKey, [.. Enumerable.Range(0, settings.Repeats).Select(_ => ScaleStudy.HotKey())], "M labels/s of a core");
        var many = Enumerable.Range(0, settings.Repeats).Select(_ => ScaleStudy.ManyKeys(settings.Size(200_000, 1_000_000))).ToList();
        var keys = settings.Short ? "200,000" : "1,000,000";
        settings.Board.AtLeast($"modes: {keys} keys", ManyKeys, [.. many.Select(figure => figure.MillionsPerSecond)], "M labels/s of a core");
        settings.Board.AtMost($"modes: {keys} keys, memory", BytesPerKey, [.. many.Select(figure => figure.BytesPerKey)], "bytes/key");
    }

    private static void Graphs(PipelineSettings settings)
    {
        foreach (var size in settings.Short ? new[] { 16, 64, 256 } : [16, 32, 64, 128, 256, 512, 1_024])
        {
            var measured = Enumerable.Range(0, settings.Repeats).Select(_ => TimeCommand.Sized(size)).ToList();
            settings.Board.AtMost(
                $"graph filter: update of {size} sensors", TimeCommand.MostEigens, [.. measured.Select(row => row.Update / row.Eigen)], "eigendecompositions");
            settings.Board.AtMost($"graph filter: update of {size} sensors, allocated", 0, [.. measured.Select(row => (double)row.Bytes)], "bytes");
        }
    }
}
