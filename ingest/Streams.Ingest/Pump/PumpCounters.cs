namespace Streams.Ingest.Pump;

/// <summary>Counts of one pump or replay. Written by any thread.</summary>
internal sealed class PumpCounters(string run, string topic)
{
    private readonly KeyValuePair<string, object?>[] _tags = [new("messaging.destination.name", topic), new("streams.run", run)];
    private readonly KeyValuePair<string, object?>[] _poll = Operation("poll", run, topic);
    private readonly KeyValuePair<string, object?>[] _process = Operation("process", run, topic);
    private long _consumed;
    private long _applied;
    private long _deadLettered;
    private long _retried;

    public long Consumed => Interlocked.Read(ref _consumed);

    public long Applied => Interlocked.Read(ref _applied);

    public long DeadLettered => Interlocked.Read(ref _deadLettered);

    public long Retried => Interlocked.Read(ref _retried);

    /// <summary>Says that there is nothing yet: a rate needs a first value, or the first failure after a start goes unseen.</summary>
    public void Begin()
    {
        IngestMetrics.ConsumedMessages.Add(0, _poll);
        IngestMetrics.Applied.Add(0, _tags);
        IngestMetrics.DeadLettered.Add(0, _tags);
        IngestMetrics.Retried.Add(0, _tags);
    }

    public void AddConsumed()
    {
        Interlocked.Increment(ref _consumed);
        IngestMetrics.ConsumedMessages.Add(1, _poll);
    }

    public void AddApplied(int records, TimeSpan took)
    {
        Interlocked.Add(ref _applied, records);
        IngestMetrics.Applied.Add(records, _tags);
        IngestMetrics.ProcessDuration.Record(took.TotalSeconds, _process);
    }

    public void AddDeadLettered()
    {
        Interlocked.Increment(ref _deadLettered);
        IngestMetrics.DeadLettered.Add(1, _tags);
    }

    public void AddRetried()
    {
        Interlocked.Increment(ref _retried);
        IngestMetrics.Retried.Add(1, _tags);
    }

    private static KeyValuePair<string, object?>[] Operation(string name, string run, string topic) =>
        [new("messaging.system", "kafka"), new("messaging.operation.name", name), new("messaging.destination.name", topic), new("streams.run", run)];
}
