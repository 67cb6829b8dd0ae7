using Streams.Grains.Partitions;

namespace Streams.Grains.Tests.Partitions;

[Collection(GrainClusterCollection.Name)]
public sealed class PartitionGrainTests(GrainCluster cluster)
{
    private readonly string _key = $"live|label.samples|{Random.Shared.Next()}";

    private IPartitionGrain Grain => cluster.Grains.GetGrain<IPartitionGrain>(_key);

    [Fact]
    public async Task Acquire_EachTime_RaisesTheEpochAndKeepsTheOffset()
    {
        var first = await Grain.AcquireAsync();
        await Grain.AdvanceAsync(first.Epoch, 42);
        await cluster.ForgetActivationsAsync();
        var second = await Grain.AcquireAsync();

        Assert.Equal(new PartitionCursor(1, -1), first);
        Assert.Equal(new PartitionCursor(2, 42), second);
    }

    [Fact]
    public async Task Advance_FormerOwner_IsRefused()
    {
        var first = await Grain.AcquireAsync();
        await Grain.AcquireAsync();

        await Assert.ThrowsAsync<StaleEpochException>(() => Grain.AdvanceAsync(first.Epoch, 1));
        Assert.Equal(-1, (await Grain.ReadAsync()).NextOffset);
    }

    [Fact]
    public async Task Advance_Backwards_StaysWhereItWas()
    {
        var lease = await Grain.AcquireAsync();
        await Grain.AdvanceAsync(lease.Epoch, 10);
        await Grain.AdvanceAsync(lease.Epoch, 5);

        Assert.Equal(10, (await Grain.ReadAsync()).NextOffset);
    }

    [Fact]
    public async Task Acquire_StoreFails_EpochStaysAsStored()
    {
        await Grain.AcquireAsync();
        cluster.Storage.FailuresLeft = 1;
        await Assert.ThrowsAsync<OrleansException>(() => Grain.AcquireAsync());

        Assert.Equal(1, (await Grain.ReadAsync()).Epoch);
    }
}
