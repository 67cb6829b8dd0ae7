using System.Globalization;
using System.Text.Json;
using Streams.Grains;
using Streams.Grains.Partitions;
using Streams.Grains.Processing;

namespace Streams.TestKit.Simulation;

/// <summary>The states of a partition's keys in the simulated store, with the rules of the product's scripts. They are those that a <see cref="SimCell{T}"/> has.</summary>
internal sealed class SimStates(SimStore store, SimCursors cursors, SimPoints points) : IStreamStates
{
    public Task<StoredState[]> ReadAsync(PartitionFence fence, IReadOnlyList<StreamKey> keys) => store.CallAsync(() =>
    {
        cursors.Check(fence);
        return keys.Select(key => store.Get(SimSilos.StateOf(key)) is { } found
            ? new StoredState(ETag(found.ETag), JsonSerializer.SerializeToUtf8Bytes(found.Value))
            : default).ToArray();
    });

    public async Task<string?[]> WriteAsync(PartitionFence fence, IReadOnlyList<StateWrite> writes)
    {
        points.Reach(SimPoint.Applied);
        return await store.CallAsync(() =>
        {
            if (!store.ChecksNoFence)
            {
                cursors.Check(fence);
            }

            return writes.Select(Write).ToArray();
        });
    }

    private string? Write(StateWrite write)
    {
        var name = SimSilos.StateOf(write.Key);
        var now = store.Get(name) is { } found ? ETag(found.ETag) : null;
        if (now != write.ETag && !store.ComparesNothing)
        {
            return null;
        }

        var etag = store.Put(name, JsonSerializer.Deserialize<string>(write.Data.Span)!);
        points.Reach(SimPoint.StateWritten);
        return ETag(etag);
    }

    private static string ETag(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>States as JSON text.</summary>
internal sealed class SimStateFormat : IStateFormat
{
    public static SimStateFormat Instance { get; } = new();

    public ReadOnlyMemory<byte> Write(StreamState state) => JsonSerializer.SerializeToUtf8Bytes(JsonSerializer.Serialize(state));

    public StreamState Read(ReadOnlyMemory<byte> data) => JsonSerializer.Deserialize<StreamState>(JsonSerializer.Deserialize<string>(data.Span)!)!;
}
