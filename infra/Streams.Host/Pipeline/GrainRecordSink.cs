using Streams.Grains;
using Streams.Grains.Processing;
using Streams.Ingest;
using Streams.Schemas.Processing;

namespace Streams.Host.Pipeline;

/// <summary>Hands batches of the pump to the grain of their key.</summary>
internal sealed class GrainRecordSink(IGrainFactory grains) : IRecordSink
{
    public async ValueTask<IReadOnlyList<Rejection>> ApplyAsync(
        PartitionId partition, string key, long epoch, IReadOnlyList<InputRecord> records, CancellationToken ct)
    {
        var grain = grains.GetGrain<IStreamGrain>(new StreamKey(partition.Run, partition.Topic, key).ToString());
        var messages = new RecordMessage[records.Count];
        for (var i = 0; i < messages.Length; i++)
        {
            var record = records[i];
            messages[i] = new RecordMessage(record.Offset, record.EventTime, record.EventType, record.Payload, record.Published);
        }

        try
        {
            var rejected = await grain.ApplyAsync(new RecordBatch(partition.Partition, epoch, messages)).WaitAsync(ct);
            return rejected.Length == 0 ? [] : [.. rejected.Select(record => new Rejection(partition.Partition, record.Offset, record.Reason))];
        }
        catch (Streams.Grains.StaleEpochException e)
        {
            throw new Streams.Ingest.StaleEpochException(e.Message);
        }
    }
}
