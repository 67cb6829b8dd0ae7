using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Streams.Grains.Outbox;
using Streams.Grains.Processing;

namespace Streams.Grains.Tests.Processing;

/// <summary>
/// A host of the next version reads the state that this one has stored: the bytes of every version that ever was are kept in <c>Golden/</c>. A
/// member that is removed or renumbered fails here.
/// </summary>
public sealed class StreamStateGoldenTests
{
    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "Golden", "stream-state-v1.bin");

    private static Serializer Serializer => new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    [Fact]
    public void Deserialize_StateOfVersion1_GivesWhatWasStored()
    {
        var state = Serializer.Deserialize<StreamState>(File.ReadAllBytes(Golden));

        Assert.NotNull(state);
        var progress = state.Partitions[3];
        Assert.Equal((7L, 42L), (progress.Epoch, progress.NextOffset));
        Assert.Equal(new RejectedRecord(41, "no such task"), Assert.Single(progress.Rejected));
        Assert.Equal("state"u8.ToArray(), state.Processor);
        var result = Assert.Single(state.Outbox);
        Assert.Equal(
            ("live/label.samples/3/40/0", "live", "label.modes", "animals", DateTimeOffset.UnixEpoch.AddDays(1), "streams.label.mode.v1", "{}", DateTimeOffset.UnixEpoch.AddDays(2), 3, 40L),
            (result.Id, result.Run, result.Topic, result.Key, result.Time, result.Type, Encoding.UTF8.GetString(result.Data), result.SourcePublished, result.Partition, result.Offset));
    }

    [Fact]
    public void Serialize_ThisVersion_IsTheNewestGoldenFile() => Assert.Equal(File.ReadAllBytes(Golden), Serializer.SerializeToArray(State()));

    private static StreamState State() => new()
    {
        Partitions = { [3] = new PartitionProgress { Epoch = 7, NextOffset = 42, Rejected = [new RejectedRecord(41, "no such task")] } },
        Processor = "state"u8.ToArray(),
        Outbox = [new OutboxResult(
            "live/label.samples/3/40/0", "live", "label.modes", "animals", DateTimeOffset.UnixEpoch.AddDays(1), "streams.label.mode.v1", "{}"u8.ToArray(), DateTimeOffset.UnixEpoch.AddDays(2), 3, 40)],
    };
}
