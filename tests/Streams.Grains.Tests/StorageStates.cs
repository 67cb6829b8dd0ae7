using Orleans.Serialization;
using Orleans.Storage;
using Streams.Grains.Partitions;
using Streams.Grains.Processing;

namespace Streams.Grains.Tests;

/// <summary>The states of many keys in a storage that knows them one by one.</summary>
internal sealed class StorageStates(IGrainStorage storage, IPartitionLeases leases, Serializer<StreamState> serializer) : IStreamStates
{
    public async Task<StoredState[]> ReadAsync(PartitionFence fence, IReadOnlyList<StreamKey> keys)
    {
        var states = await Task.WhenAll(keys.Select(async key =>
        {
            var state = new GrainState<StreamState> { State = new StreamState() };
            await storage.ReadStateAsync("stream", IdOf(key), state);
            return state.RecordExists ? new StoredState(state.ETag, serializer.SerializeToArray(state.State!)) : default;
        }));
        await leases.VerifyAsync(fence.Run, fence.Topic, fence.Partition, fence.Epoch, fence.Lease);
        return states;
    }

    public async Task<string?[]> WriteAsync(PartitionFence fence, IReadOnlyList<StateWrite> writes) => await Task.WhenAll(writes.Select(async write =>
    {
        var state = new GrainState<StreamState> { State = serializer.Deserialize(write.Data), ETag = write.ETag };
        try
        {
            await storage.WriteStateAsync("stream", IdOf(write.Key), state);
            return state.ETag;
        }
        catch (InconsistentStateException)
        {
            return null;
        }
    }));

    private static GrainId IdOf(StreamKey key) => GrainId.Create("stream", key.ToString());
}
