using Streams.Schemas.Processing;

namespace Streams.Ingest.Replay;

/// <summary>Rests after each call, so that calls take no more than a share of the time. The rest is part of the call: the key's slot stays taken.</summary>
internal sealed class DutyCycleSink(IRecordSink inner, double share, TimeProvider time) : IRecordSink
{
    /// <inheritdoc/>
    public async ValueTask<ApplyOutcome> ApplyAsync(
        PartitionId partition, string key, PartitionLease lease, IReadOnlyList<InputRecord> records, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        var outcome = await inner.ApplyAsync(partition, key, lease, records, ct);
        await RestAsync(began);
        return outcome;
    }

    /// <inheritdoc/>
    public bool SharesCalls(string topic) => inner.SharesCalls(topic);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<KeyOutcome>> ApplyAsync(
        PartitionId partition, PartitionLease lease, IReadOnlyList<KeyedRecords> keys, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        var outcomes = await inner.ApplyAsync(partition, lease, keys, ct);
        await RestAsync(began);
        return outcomes;
    }

    private Task RestAsync(long began) => Task.Delay(time.GetElapsedTime(began) * ((1 - share) / share), time, CancellationToken.None);
}
