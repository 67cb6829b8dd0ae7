using System.Text.Json;
using Streams.Grains.Partitions;
using Streams.Ingest;

namespace Streams.TestKit.Simulation;

/// <summary>The partitions' cursors and leases in the simulated store, with the rules of the product's script.</summary>
internal sealed class SimCursors(SimStore store, SimPoints points) : IPartitionCursors, IPartitionLeases
{
    private int _leases;

    /// <summary>See <see cref="SimSabotage.CursorOfAnyIncarnation"/>.</summary>
    public bool IgnoresIncarnation { get; init; }

    public async ValueTask<PartitionLease> AcquireAsync(PartitionId partition, CancellationToken ct)
    {
        // Drawn by the caller, as a Guid is.
        var id = $"lease-{++_leases}";
        return await store.CallAsync(() =>
        {
            var held = Get(partition);
            var taken = held with { Epoch = held.Epoch + 1, Lease = id, Server = store.Incarnation };
            Put(partition, taken);
            return new PartitionLease(taken.Epoch, taken.Next, id);
        }).WaitAsync(ct);
    }

    public async ValueTask AdvanceAsync(PartitionId partition, PartitionLease lease, long nextOffset, CancellationToken ct)
    {
        points.Reach(SimPoint.LedgerAdvanced);
        await CompareAsync(partition, lease, nextOffset).WaitAsync(ct);
    }

    public async ValueTask VerifyAsync(PartitionId partition, PartitionLease lease, CancellationToken ct) =>
        await CompareAsync(partition, lease, -1).WaitAsync(ct);

    public async ValueTask VerifyAsync(string run, string topic, int partition, long epoch, string lease)
    {
        var fence = new PartitionFence(run, topic, partition, epoch, lease);
        await store.CallAsync(() =>
        {
            Check(fence);
            return true;
        });
    }

    /// <summary>Within a write of a grain's state, as the product's script does it. Grains have exceptions of their own.</summary>
    public void Check(PartitionFence fence)
    {
        try
        {
            Compare(new PartitionId(fence.Run, fence.Topic, fence.Partition), new PartitionLease(fence.Epoch, -1, fence.Lease));
        }
        catch (StaleEpochException e)
        {
            throw new Streams.Grains.StaleEpochException(e.Message);
        }
        catch (StoreRolledBackException e)
        {
            throw new Streams.Grains.StoreRolledBackException(e.Message);
        }
    }

    public async ValueTask<long> ReadAsync(PartitionId partition, CancellationToken ct) =>
        (await store.CallAsync(() => Get(partition)).WaitAsync(ct)).Next;

    /// <summary>What is stored at this moment.</summary>
    public long Stored(PartitionId partition) => Get(partition).Next;

    private Task<bool> CompareAsync(PartitionId partition, PartitionLease lease, long nextOffset) => store.CallAsync(() =>
    {
        var held = Compare(partition, lease);
        if (nextOffset > held.Next)
        {
            Put(partition, held with { Next = nextOffset });
            points.Reach(SimPoint.CursorWritten);
        }

        return true;
    });

    private Held Compare(PartitionId partition, PartitionLease lease)
    {
        var held = Get(partition);
        if (held.Server != store.Incarnation && !IgnoresIncarnation)
        {
            throw new StoreRolledBackException(partition, held.Next);
        }

        if (held.Lease != lease.Id)
        {
            throw new StaleEpochException(partition, lease.Epoch, held.Epoch);
        }

        return held;
    }

    private Held Get(PartitionId partition) =>
        store.Get(Key(partition)) is { } found ? JsonSerializer.Deserialize<Held>(found.Value)! : new Held(0, -1, "", 0);

    private void Put(PartitionId partition, Held held) => store.Put(Key(partition), JsonSerializer.Serialize(held));

    private static string Key(PartitionId partition) => $"cursor/{partition}";

    private sealed record Held(long Epoch, long Next, string Lease, int Server);
}
