using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;

namespace Streams.Benchmarks.Pipeline.Sections;

/// <summary>From the call that writes a record to the moment at which a dashboard's stream shows its result, with all settings at their defaults.</summary>
internal static class LatencySection
{
    private const int Partitions = 4;

    public static async Task RunAsync(PipelineSettings settings)
    {
        await using var services = await Services.StartAsync();
        foreach (var topic in new[] { Topics.LabelSamples, Topics.SensorSignals, Topics.LabelModes, Topics.SensorImputed })
        {
            await services.CreateTopicAsync(topic, Partitions);
        }

        await using var host = services.StartHost(Topics.LabelSamples, "real");
        await Web.ReadyAsync(services.UrlOf(host), host);
        var tasks = new Tasks("idle");
        await MeasureAsync(services, host, Topics.LabelSamples, Topics.LabelModes, settings.Size(200, 600), 20, tasks.Next);
        var idle = await MeasureAsync(services, host, Topics.LabelSamples, Topics.LabelModes, settings.Size(300, 2_000), 20, tasks.Next);
        Report(settings, "labels, idle", idle.Latencies, 25, 100);
        var sensors = await MeasureAsync(services, host, Topics.SensorSignals, Topics.SensorImputed, settings.Size(150, 1_000), 10, Sensor);
        Report(settings, "sensors, idle", sensors.Latencies, 25, 100);

        // How fast it goes at most: from the first record of a backlog to the last result that shows. Once before, for code that is only compiled when it is hot.
        var burst = settings.Size(20_000, 200_000);
        await MeasureAsync(services, host, Topics.LabelSamples, Topics.LabelModes, burst, double.PositiveInfinity, new Tasks("warm").Next);
        var top = (await MeasureAsync(services, host, Topics.LabelSamples, Topics.LabelModes, burst, double.PositiveInfinity, new Tasks("burst").Next)).RecordsPerSecond;
        settings.Board.Note("labels that each end a task: top rate, until all results show", [top], "records/s");
        var rate = 0.7 * top;
        var loaded = await MeasureAsync(services, host, Topics.LabelSamples, Topics.LabelModes, (int)(rate * settings.Size(8, 60)), rate, new Tasks("load").Next);
        settings.Board.AtMost("labels at 70 % of the top rate: p99", 500, [Percentile(loaded.Latencies, 0.99)], "ms");
    }

    private static void Report(PipelineSettings settings, string what, List<double> latencies, double median, double tail)
    {
        settings.Board.AtMost($"{what}: p50", median, [Percentile(latencies, 0.5)], "ms");
        settings.Board.AtMost($"{what}: p99", tail, [Percentile(latencies, 0.99)], "ms");
    }

    /// <summary>Writes <paramref name="count"/> records and follows their results.</summary>
    public static async Task<Measured> MeasureAsync(
        Services services, Child host, string source, string results, int count, double perSecond, Func<int, Message<byte[], byte[]>> load)
    {
        var (written, seen) = (new ConcurrentDictionary<(int Partition, long Offset), long>(), new ConcurrentDictionary<(int Partition, long Offset), long>());
        using var ended = new CancellationTokenSource();
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var following = Web.FollowAsync(services.UrlOf(host), results, seen, connected, ended.Token);
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var sent = new long[count];
        await Loads.WriteAsync(
            services.Kafka,
            source,
            count,
            i =>
            {
                var message = load(i);
                sent[i] = Stopwatch.GetTimestamp();
                return message;
            },
            perSecond,
            (i, report) => written[(report.Partition.Value, report.Offset.Value)] = sent[i]);
        // Until nothing more comes.
        for (var last = -1; last != seen.Count; await Task.Delay(1_500))
        {
            last = seen.Count;
        }

        await ended.CancelAsync();
        await following;
        List<double> latencies = [.. seen.Where(result => written.ContainsKey(result.Key))
            .Select(result => Stopwatch.GetElapsedTime(written[result.Key], result.Value).TotalMilliseconds)];
        return latencies.Count >= count / 4
            ? new Measured(latencies, count / Stopwatch.GetElapsedTime(sent[0], seen.Values.Max()).TotalSeconds)
            : throw new InvalidOperationException($"{latencies.Count} results of {count} records came");
    }

    /// <summary>What was seen of a load.</summary>
    /// <param name="Latencies">Milliseconds from a record's writing to its result's showing, of all records that have one.</param>
    /// <param name="RecordsPerSecond">Records over the time from the first one's writing to the last result's showing.</param>
    internal sealed record Measured(List<double> Latencies, double RecordsPerSecond);

    public static double Percentile(List<double> values, double share) => values.Order().ElementAt((int)(share * (values.Count - 1)));

    /// <summary>A reading of four sensors, one of which is missing and filled in.</summary>
    private static Message<byte[], byte[]> Sensor(int i) => Loads.Event("plant", $"{i}", EventTypes.SensorSignal, Loads.Readings("plant", i, missing: i > 20));

    /// <summary>A task and its only sample, which ends it: every second record has a result.</summary>
    internal sealed class Tasks(string name)
    {
        private int _next;

        public Message<byte[], byte[]> Next(int _)
        {
            var i = _next++;
            var task = $"{name}-{i / 2}";
            return i % 2 == 0
                ? Loads.Event(task, $"{task}/definition", EventTypes.LabelTask, LabelCodec.Encode(new LabelTask(task, 0.01, 5, MaxLabels: 1)))
                : new Message<byte[], byte[]>
                {
                    Key = Encoding.UTF8.GetBytes(task),
                    Value = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"task":"{{task}}","sample":"{{i}}","label":"cat"}""")),
                };
        }
    }
}
