using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Streams.Ingest.Pump;

namespace Streams.Ingest;

/// <summary>All instruments of this project.</summary>
public static class IngestMetrics
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Streams.Ingest";

    internal static readonly Meter Meter = new(Name);

    // By the OpenTelemetry messaging conventions.
    private static readonly Counter<long> SentMessages =
        Meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Records that a producer attempted to send");

    private static readonly Histogram<double> OperationDuration =
        Meter.CreateHistogram<double>("messaging.client.operation.duration", "s", "Time until the broker acknowledged a record");

    internal static readonly Counter<long> ConsumedMessages =
        Meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Records taken from source topics");

    internal static readonly Histogram<double> ProcessDuration =
        Meter.CreateHistogram<double>("messaging.process.duration", "s", "Time of one call with a batch of one key's records, results published");

    // Our own.
    internal static readonly Counter<long> Applied =
        Meter.CreateCounter<long>("streams.records.applied", "{record}", "Records that grains took");

    internal static readonly Counter<long> DeadLettered =
        Meter.CreateCounter<long>("streams.records.dead_lettered", "{record}", "Records that could not be used");

    internal static readonly Counter<long> Retried =
        Meter.CreateCounter<long>("streams.calls.retried", "{call}", "Calls that failed and were repeated");

    // Pumps and replays that run; the observable instruments ask each of them.
    private static readonly ConcurrentDictionary<object, Func<PumpStatistics>> Running = new();

    static IngestMetrics()
    {
        Meter.CreateObservableUpDownCounter(
            "streams.inflight.bytes",
            () => Running.Values.Select(read => read()).Select(s => new Measurement<long>(s.InFlightBytes, Topic(s), Run(s))),
            "By",
            "Bytes taken from the broker and not done with");
        Meter.CreateObservableGauge(
            "streams.lag.records",
            () => Running.Values.Select(read => read()).SelectMany(s => s.Partitions
                .Where(p => p.Lag is not null)
                .Select(p => new Measurement<long>(p.Lag!.Value, Topic(s), Run(s), new("messaging.destination.partition.id", p.Partition)))),
            "{record}",
            "Records of a partition that are not done");
        Meter.CreateObservableGauge(
            "streams.lag.seconds",
            () => Running.Values.Select(read => read()).SelectMany(s => s.Partitions
                .Where(p => p.LagTime is not null)
                .Select(p => new Measurement<double>(p.LagTime!.Value.TotalSeconds, Topic(s), Run(s), new("messaging.destination.partition.id", p.Partition)))),
            "s",
            "Age of the oldest record of a partition that is not done, by the broker's timestamp");
        Meter.CreateObservableGauge(
            "streams.partitions.running",
            () => Running.Values.Select(read => read())
                .Select(s => new Measurement<int>(s.Partitions.Count(p => p.State == PartitionState.Running), Topic(s), Run(s))),
            "{partition}",
            "Partitions that this process reads");
        Meter.CreateObservableGauge(
            "streams.topic.refused",
            () => Running.Values.Select(read => read()).Select(s => new Measurement<int>(s.Refused is null ? 0 : 1, Topic(s), Run(s))),
            description: "1 while the broker does not let this process read the topic");
    }

    internal static void Sent(string topic, TimeSpan took, string? error)
    {
        var tags = new TagList { { "messaging.system", "kafka" }, { "messaging.operation.name", "send" }, { "messaging.destination.name", topic } };
        if (error is not null)
        {
            tags.Add("error.type", error);
        }

        SentMessages.Add(1, tags);
        OperationDuration.Record(took.TotalSeconds, tags);
    }

    internal static IDisposable Observe(Func<PumpStatistics> read)
    {
        var registration = new Registration();
        Running[registration] = read;
        return registration;
    }

    private static KeyValuePair<string, object?> Topic(PumpStatistics s) => new("messaging.destination.name", s.Topic);

    private static KeyValuePair<string, object?> Run(PumpStatistics s) => new("streams.run", s.Run);

    private sealed class Registration : IDisposable
    {
        public void Dispose() => Running.TryRemove(this, out _);
    }
}
