using Streams.Ingest;
using Streams.Schemas;
using Streams.Schemas.Processing;

namespace Streams.Host.Pipeline;

/// <summary>
/// Hands the live records of labelling tasks to the grains and, once what came of them is durable, shows both to <see cref="FollowedLabelTasks"/>.
/// Every other record goes straight through: a replay must not ask anybody anything.
/// </summary>
internal sealed class LabelTaskSink(GrainRecordSink inner, FollowedLabelTasks tasks) : IRecordSink
{
    /// <inheritdoc/>
    public bool SharesCalls(string topic) => inner.SharesCalls(topic);

    /// <inheritdoc/>
    public async ValueTask<ApplyOutcome> ApplyAsync(
        PartitionId partition, string key, PartitionLease lease, IReadOnlyList<InputRecord> records, CancellationToken ct)
    {
        var outcome = await inner.ApplyAsync(partition, key, lease, records, ct);
        if (IsWatched(partition))
        {
            await tasks.SeeAsync(partition.Partition, lease.Epoch, [new KeyedRecords(key, records)], [new KeyOutcome(outcome, null)], ct);
        }

        return outcome;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<KeyOutcome>> ApplyAsync(
        PartitionId partition, PartitionLease lease, IReadOnlyList<KeyedRecords> keys, CancellationToken ct)
    {
        var outcomes = await inner.ApplyAsync(partition, lease, keys, ct);
        if (IsWatched(partition))
        {
            await tasks.SeeAsync(partition.Partition, lease.Epoch, keys, outcomes, ct);
        }

        return outcomes;
    }

    private static bool IsWatched(PartitionId partition) => partition is { Run: Topics.LiveRun, Topic: Topics.LabelSamples };
}
