using System.Diagnostics;
using Streams.Grains;
using Streams.Grains.Outbox;
using Streams.Grains.Processing;
using Streams.Ingest;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Host.Pipeline;

/// <summary>Hands batches of the pump to the grain of their key, or those of many light keys to the grain of their partition.</summary>
internal sealed class GrainRecordSink(IGrainFactory grains, IRunProcessors processors) : IRecordSink
{
    /// <inheritdoc/>
    public bool SharesCalls(string topic) => processors.IsLight(topic);

    /// <inheritdoc/>
    public async ValueTask<ApplyOutcome> ApplyAsync(
        PartitionId partition, string key, PartitionLease lease, IReadOnlyList<InputRecord> records, CancellationToken ct)
    {
        if (SharesCalls(partition.Topic))
        {
            var outcome = (await ApplyAsync(partition, lease, [new KeyedRecords(key, records)], ct))[0];
            return outcome.Outcome ?? throw outcome.Failure!;
        }

        var grain = grains.GetGrain<IStreamGrain>(new StreamKey(partition.Run, partition.Topic, key).ToString());
        try
        {
            return ToOutcome(partition, await grain.ApplyAsync(new RecordBatch(partition.Partition, lease.Epoch, lease.Id, [.. records], Activity.Current?.Id)).WaitAsync(ct));
        }
        catch (Exception e) when (Translate(e) is { } known)
        {
            throw known;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<KeyOutcome>> ApplyAsync(
        PartitionId partition, PartitionLease lease, IReadOnlyList<KeyedRecords> keys, CancellationToken ct)
    {
        var grain = grains.GetGrain<IPartitionGrain>(StreamKey.OfPartition(partition.Run, partition.Topic, partition.Partition).ToString());
        var batch = new PartitionBatch(
            partition.Partition, lease.Epoch, lease.Id, [.. keys.Select(key => new KeyBatch(key.Key, [.. key.Records]))], Activity.Current?.Id);
        try
        {
            var replies = await grain.ApplyAsync(batch).WaitAsync(ct);
            return Array.ConvertAll(replies, reply => reply.Reply is { } applied
                ? new KeyOutcome(ToOutcome(partition, applied), null)
                : new KeyOutcome(null, Translate(reply.Failure!) ?? reply.Failure));
        }
        catch (Exception e) when (Translate(e) is { } known)
        {
            throw known;
        }
    }

    private static ApplyOutcome ToOutcome(PartitionId partition, ApplyReply reply) => reply is { Rejected.Length: 0, Results.Length: 0 }
        ? ApplyOutcome.Empty
        : new ApplyOutcome(
            [.. reply.Rejected.Select(record => new Rejection(partition.Partition, record.Offset, record.Reason))],
            [.. reply.Results.Select(ToMessage)]);

    /// <summary>The pump's word for an exception of the grains; null when it has none.</summary>
    private static Exception? Translate(Exception e) => e switch
    {
        Streams.Grains.StaleEpochException => new Streams.Ingest.StaleEpochException(e.Message),
        Streams.Grains.StoreRolledBackException => new Streams.Ingest.StoreRolledBackException(e.Message),
        Streams.Grains.ProcessingFailedException failed => new Streams.Ingest.ProcessingFailedException(failed.ExceptionType, e.Message),
        StateUnreadableException => new StateFormatException(e.Message),
        _ => null,
    };

    private static ResultMessage ToMessage(OutboxResult result) =>
        new(result.Id, result.Run, result.Topic, result.Key, result.Time, result.Type, result.Data, result.Offset, result.SourcePublished);
}
