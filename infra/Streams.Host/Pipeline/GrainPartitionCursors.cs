using Streams.Grains.Partitions;
using Streams.Ingest;

namespace Streams.Host.Pipeline;

/// <summary>Partition cursors in grains, so that they lie in the same store as the state they point into.</summary>
internal sealed class GrainPartitionCursors(IGrainFactory grains) : IPartitionCursors
{
    public async ValueTask<PartitionLease> AcquireAsync(PartitionId partition, CancellationToken ct)
    {
        var cursor = await Grain(partition).AcquireAsync().WaitAsync(ct);
        return new PartitionLease(cursor.Epoch, cursor.NextOffset);
    }

    public async ValueTask AdvanceAsync(PartitionId partition, long epoch, long nextOffset, CancellationToken ct)
    {
        try
        {
            await Grain(partition).AdvanceAsync(epoch, nextOffset).WaitAsync(ct);
        }
        catch (Streams.Grains.StaleEpochException e)
        {
            throw new Streams.Ingest.StaleEpochException(e.Message);
        }
    }

    public async ValueTask<long> ReadAsync(PartitionId partition, CancellationToken ct) =>
        (await Grain(partition).ReadAsync().WaitAsync(ct)).NextOffset;

    private IPartitionGrain Grain(PartitionId partition) =>
        grains.GetGrain<IPartitionGrain>($"{partition.Run}|{partition.Topic}|{partition.Partition}");
}
