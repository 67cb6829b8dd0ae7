using System.Diagnostics;
using System.Text.Json;
using Streams.Schemas;

namespace Streams.Benchmarks.Pipeline.Sections;

/// <summary>A backfill beside live, as <c>BackfillTests</c> runs it: how fast it is, and what it does to live.</summary>
internal static class ReplaySection
{
    private const int Partitions = 4;
    private const int LiveRate = 500;
    private const double LeastTimes = 5;
    private const double MostOfAlone = 1.2;

    public static async Task RunAsync(PipelineSettings settings)
    {
        await using var services = await Services.StartAsync();
        await services.CreateTopicAsync(Topics.LabelSamples, Partitions);
        await services.CreateTopicAsync(Topics.LabelModes, Partitions);
        await using var host = services.StartHost(Topics.LabelSamples, "real");
        var url = services.UrlOf(host);
        await Web.ReadyAsync(url, host);
        var history = settings.Size(30_000, 200_000);
        await Loads.WriteAsync(services.Kafka, Topics.LabelSamples, history, new LatencySection.Tasks("history").Next);
        await host.DoneAsync(history, 300);

        var (rates, ratios) = (new List<double>(), new List<double>());
        using var http = new HttpClient();
        for (var i = 0; i < settings.Repeats; i++)
        {
            var count = LiveRate * settings.Size(6, 20);
            var alone = await LatencySection.MeasureAsync(
                services, host, Topics.LabelSamples, Topics.LabelModes, count, LiveRate, new LatencySection.Tasks($"alone{i}").Next);
            var began = Stopwatch.GetTimestamp();
            await ProductAsync("replay", "--topic", Topics.LabelSamples, "--run", $"backfill{i}", "--detach", "--dashboard-url", url);
            var finished = FinishedAsync(http, url, $"backfill{i}", began);
            var beside = await LatencySection.MeasureAsync(
                services, host, Topics.LabelSamples, Topics.LabelModes, count, LiveRate, new LatencySection.Tasks($"beside{i}").Next);
            rates.Add(await finished / LiveRate);
            ratios.Add(LatencySection.Percentile(beside.Latencies, 0.99) / LatencySection.Percentile(alone.Latencies, 0.99));
        }

        settings.Board.AtLeast($"replay: rate over live's {LiveRate} records/s, beside it", LeastTimes, rates, "times");
        settings.Board.AtMost("replay: live p99 beside it", MostOfAlone, ratios, "of alone");
    }

    /// <summary>Records a second until the run was done.</summary>
    private static async Task<double> FinishedAsync(HttpClient http, string url, string run, long began)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync() && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(5))
        {
            using var json = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"{url}/api/runs/{run}")));
            if (json.RootElement.GetProperty("state").GetString() == "DONE")
            {
                return json.RootElement.GetProperty("total").GetInt64() / Stopwatch.GetElapsedTime(began).TotalSeconds;
            }
        }

        throw new TimeoutException($"run {run} is not done");
    }

    private static async Task ProductAsync(params string[] arguments)
    {
        await using var command = Child.OfProduct(arguments);
        await command.ExitedAsync();
    }
}
