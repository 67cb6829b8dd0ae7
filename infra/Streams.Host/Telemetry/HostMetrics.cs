using System.Diagnostics.Metrics;

namespace Streams.Host.Telemetry;

/// <summary>All instruments of the host.</summary>
internal static class HostMetrics
{
    private static readonly Meter Meter = new("Streams.Host");

    private static readonly Histogram<double> EventToResult = Meter.CreateHistogram<double>(
        "streams.event_to_result.duration", "s", "Time from the broker's timestamp of a source record to its result in Redis");

    private static readonly Counter<long> Results = Meter.CreateCounter<long>(
        "streams.results.projected", "{result}", "Results carried from their topics to Redis, repeated ones included");

    /// <summary>A result of the live run is where dashboards see it.</summary>
    /// <param name="source">Source topic.</param>
    /// <param name="latency">Since its record was published.</param>
    public static void Visible(string source, TimeSpan latency) => EventToResult.Record(latency.TotalSeconds, Topic(source));

    /// <summary>A result of any run has been projected.</summary>
    public static void Projected(string topic, string run) => Results.Add(1, Topic(topic), new KeyValuePair<string, object?>("streams.run", run));

    private static KeyValuePair<string, object?> Topic(string topic) => new("messaging.destination.name", topic);
}
