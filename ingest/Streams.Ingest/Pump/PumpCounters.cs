namespace Streams.Ingest.Pump;

/// <summary>Counts of one pump or replay. Written by any thread.</summary>
internal sealed class PumpCounters(string run, string topic)
{
    private readonly KeyValuePair<string, object?>[] _tags = [new("messaging.destination.name", topic), new("streams.run", run)];
    private long _consumed;
    private long _applied;
    private long _deadLettered;
    private long _retried;

    public long Consumed => Interlocked.Read(ref _consumed);

    public long Applied => Interlocked.Read(ref _applied);

    public long DeadLettered => Interlocked.Read(ref _deadLettered);

    public long Retried => Interlocked.Read(ref _retried);

    public void AddConsumed()
    {
        Interlocked.Increment(ref _consumed);
        IngestMetrics.Consumed.Add(1, _tags);
    }

    public void AddApplied(int records, TimeSpan took)
    {
        Interlocked.Add(ref _applied, records);
        IngestMetrics.Applied.Add(records, _tags);
        IngestMetrics.ApplyDuration.Record(took.TotalSeconds, _tags);
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
}
