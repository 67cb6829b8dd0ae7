using System.Diagnostics;
using Streams.Grains;
using Streams.Grains.Outbox;
using Streams.Grains.Processing;
using Streams.Ingest;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Host.Pipeline;

/// <summary>Hands batches of the pump to the grain of their key.</summary>
internal sealed class GrainRecordSink(IGrainFactory grains) : IRecordSink
{
    public async ValueTask<ApplyOutcome> ApplyAsync(
        PartitionId partition, string key, PartitionLease lease, IReadOnlyList<InputRecord> records, CancellationToken ct)
    {
        var grain = grains.GetGrain<IStreamGrain>(new StreamKey(partition.Run, partition.Topic, key).ToString());
        var messages = new RecordMessage[records.Count];
        for (var i = 0; i < messages.Length; i++)
        {
            var record = records[i];
            messages[i] = new RecordMessage(record.Offset, record.EventTime, record.EventType, record.Payload, record.Published, record.Source);
        }

        try
        {
            var reply = await grain.ApplyAsync(new RecordBatch(partition.Partition, lease.Epoch, lease.Id, messages, Activity.Current?.Id)).WaitAsync(ct);
            return reply is { Rejected.Length: 0, Results.Length: 0 }
                ? ApplyOutcome.Empty
                : new ApplyOutcome(
                    [.. reply.Rejected.Select(record => new Rejection(partition.Partition, record.Offset, record.Reason))],
                    [.. reply.Results.Select(ToMessage)]);
        }
        catch (Streams.Grains.StaleEpochException e)
        {
            throw new Streams.Ingest.StaleEpochException(e.Message);
        }
        catch (Streams.Grains.StoreRolledBackException e)
        {
            throw new Streams.Ingest.StoreRolledBackException(e.Message);
        }
        catch (Streams.Grains.ProcessingFailedException e)
        {
            throw new Streams.Ingest.ProcessingFailedException(e.ExceptionType, e.Message);
        }
        catch (StateUnreadableException e)
        {
            throw new StateFormatException(e.Message);
        }
    }

    private static ResultMessage ToMessage(OutboxResult result) =>
        new(result.Id, result.Run, result.Topic, result.Key, result.Time, result.Type, result.Data, result.Offset, result.SourcePublished);
}
