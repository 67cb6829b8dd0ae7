using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Streams.Ingest.Pump;

namespace Streams.Ingest;

/// <summary>All instruments of this project.</summary>
public static class IngestMetrics
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Streams.Ingest";

    internal static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> Consumed =
        Meter.CreateCounter<long>("streams.records.consumed", "{record}", "Records taken from source topics");

    internal static readonly Counter<long> Applied =
        Meter.CreateCounter<long>("streams.records.applied", "{record}", "Records that grains took");

    internal static readonly Counter<long> DeadLettered =
        Meter.CreateCounter<long>("streams.records.dead_lettered", "{record}", "Records that could not be used");

    internal static readonly Counter<long> Retried =
        Meter.CreateCounter<long>("streams.calls.retried", "{call}", "Calls that failed and were repeated");

    internal static readonly Counter<long> Published =
        Meter.CreateCounter<long>("streams.records.published", "{record}", "Records written to topics");

    internal static readonly Histogram<double> ApplyDuration =
        Meter.CreateHistogram<double>("streams.apply.duration", "s", "Time of one call with a batch of one key's records");

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
