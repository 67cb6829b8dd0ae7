using Confluent.Kafka;
using Streams.Schemas;

namespace Streams.Benchmarks.Pipeline.Sections;

/// <summary>
/// Rate and processor time of a host whose processors only count, over a backlog, beside a raw loop over the same records. In turn, so that a machine
/// that is busy for a while does not decide.
/// </summary>
internal static class ThroughputSection
{
    private const int Partitions = 4;
    private const double LeastOfRaw = 0.95;
    private const double MostMicroseconds = 8;

    public static async Task RunAsync(PipelineSettings settings)
    {
        await using var services = await Services.StartAsync();
        await MeasureAsync(settings, services, "labels, 1,000 keys", Topics.LabelSamples, settings.Size(150_000, 1_000_000), Loads.Labels(1_000));
        await MeasureAsync(settings, services, "sensors, 1,000 keys", Topics.SensorSignals, settings.Size(100_000, 600_000), Loads.Sensors(1_000));
        await MeasureAsync(settings, services, "labels, 1,000,000 keys", Topics.LabelSamples, settings.Size(40_000, 2_000_000), Loads.Labels(1_000_000));
        await MeasureAsync(settings, services, "sensors, 1,000,000 keys", Topics.SensorSignals, settings.Size(20_000, 1_000_000), Loads.Sensors(1_000_000));
    }

    private static async Task MeasureAsync(
        PipelineSettings settings, Services services, string name, string topic, int records, Func<int, Message<byte[], byte[]>> load)
    {
        await services.CreateTopicAsync(topic, Partitions);
        await Loads.WriteAsync(services.Kafka, topic, records, load);
        var (raw, host) = (new List<Drain>(), new List<Drain>());
        for (var i = 0; i < settings.Repeats; i++)
        {
            await using (var loop = services.StartRaw(topic, records))
            {
                raw.Add(Drain.Of(await loop.DoneAsync(records), records));
            }

            await using var counting = services.StartHost(topic, "counting");
            host.Add(Drain.Of(await counting.DoneAsync(records, 600), records));
        }

        var best = raw.Max(drain => drain.Rate);
        settings.Board.Note($"{name}: raw loop", [.. raw.Select(drain => drain.Rate)], "records/s");
        settings.Board.Note($"{name}: raw loop, processor time", [.. raw.Select(drain => drain.ProcessorMicroseconds)], "µs/record");
        settings.Board.AtLeast($"{name}: rate over raw", LeastOfRaw, [.. host.Select(drain => drain.Rate / best)], "of raw", host.Max(drain => drain.Rate) / best);
        settings.Board.AtMost(
            $"{name}: processor time of the host",
            MostMicroseconds,
            [.. host.Select(drain => drain.ProcessorMicroseconds)],
            "µs/record",
            host.Min(drain => drain.ProcessorMicroseconds) / raw.Min(drain => drain.ProcessorMicroseconds));
        settings.Board.Note($"{name}: allocated", [.. host.Select(drain => drain.AllocatedBytes)], "bytes/record");
    }
}
