using System.Diagnostics;
using Streams.Grains;
using Streams.Grains.Outbox;
using Streams.Grains.Processing;
using Streams.Ingest;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Host.Pipeline;

/// <summary>Hands batches of the pump to the grain of their key, or with those of other keys to the grain of their partition.</summary>
internal sealed class GrainRecordSink(IGrainFactory grains, IRunProcessors processors, PartitionCalls partitions) : IRecordSink
{
    public async ValueTask<ApplyOutcome> ApplyAsync(
        PartitionId partition, string key, PartitionLease lease, IReadOnlyList<InputRecord> records, CancellationToken ct)
    {
        var batch = new RecordBatch(partition.Partition, lease.Epoch, lease.Id, [.. records], Activity.Current?.Id);
        try
        {
            var light = (await processors.ForAsync(partition.Run, partition.Topic)).IsLight;
            var call = light
                ? partitions.ApplyAsync(partition, key, batch)
                : grains.GetGrain<IStreamGrain>(new StreamKey(partition.Run, partition.Topic, key).ToString()).ApplyAsync(batch);
            var reply = await call.WaitAsync(ct);
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
