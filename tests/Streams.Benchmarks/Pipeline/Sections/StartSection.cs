using System.Diagnostics;
using Streams.TestKit;

namespace Streams.Benchmarks.Pipeline.Sections;

/// <summary><c>streams up</c> with embedded services, from its process's start to ready, as it is built.</summary>
internal static class StartSection
{
    private const double MostSeconds = 5;

    public static async Task RunAsync(PipelineSettings settings)
    {
        var starts = new List<(double Seconds, double Processor)>();
        for (var i = 0; i < settings.Repeats; i++)
        {
            starts.Add(await StartAsync());
        }

        settings.Board.AtMost("streams up: ready", MostSeconds, [.. starts.Select(start => start.Seconds)], "s");
        settings.Board.Note("streams up: processor time until ready", [.. starts.Select(start => start.Processor)], "s");
    }

    private static async Task<(double Seconds, double Processor)> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("streams-bench-");
        var ports = LoopbackPorts.Free(5);
        var url = $"http://127.0.0.1:{ports[2]}";
        var began = Stopwatch.GetTimestamp();
        double seconds, processor;
        await using (var up = Child.OfProduct(
            "up", "--kafka-port", $"{ports[0]}", "--redis-port", $"{ports[1]}", "--dashboard-url", url, "--data-dir", folder.FullName,
            "--set", $"Streams:Orleans:SiloPort={ports[3]}", "--set", $"Streams:Orleans:GatewayPort={ports[4]}"))
        {
            await Web.ReadyAsync(url, up);
            (seconds, processor) = (Stopwatch.GetElapsedTime(began).TotalSeconds, up.ProcessorTime());
        }

        folder.Delete(recursive: true);
        return (seconds, processor);
    }
}
