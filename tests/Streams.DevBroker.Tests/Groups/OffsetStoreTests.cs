using CsCheck;
using Streams.DevBroker.Groups;

namespace Streams.DevBroker.Tests.Groups;

public sealed class OffsetStoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("offsets-").FullName;

    private string Journal => Path.Combine(_directory, "group-offsets");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Open_AfterAnyChanges_HoldsWhatWasCommitted()
    {
        var change = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Long[0, 1000], Gen.Int[0, 9]);
        change.Array[0, 40].Sample(changes =>
        {
            File.Delete(Journal);
            var expected = new Dictionary<(string, TopicPartition), long>();
            using (var store = new OffsetStore(Journal))
            {
                foreach (var (group, topic, partition, offset, kind) in changes)
                    Apply(store, expected, $"group-{group}", new TopicPartition($"topic-{topic}", partition), offset, kind);
            }

            using var reopened = new OffsetStore(Journal);
            var found = reopened.Groups.SelectMany(group => reopened.All(group).Select(entry => (Key: (group, entry.Key), entry.Value.Offset)));
            Assert.Equal(expected.OrderBy(entry => entry.Key.ToString()).Select(entry => (entry.Key, entry.Value)), found.OrderBy(entry => entry.Key.ToString()));
        }, iter: 200, threads: 1);
    }

    [Fact]
    public void Open_JournalTornAtAnyByte_KeepsTheWholeEntries()
    {
        var ends = new List<long>();
        using (var store = new OffsetStore(Journal))
        {
            for (int i = 1; i <= 5; i++)
            {
                Commit(store, "g", new("t", 0), i);
                ends.Add(new FileInfo(Journal).Length);
            }
        }

        byte[] whole = File.ReadAllBytes(Journal);
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(Journal, whole[..length]);
            using var store = new OffsetStore(Journal);

            int entries = ends.Count(end => end <= length);
            Assert.Equal(entries > 0, store.TryGet("g", new("t", 0), out var offset));
            Assert.Equal(entries, offset.Offset);
            Commit(store, "g", new("t", 0), 99);
        }
    }

    [Fact]
    public void Commit_ManyTimes_JournalStaysSmallAndComplete()
    {
        using (var store = new OffsetStore(Journal))
        {
            for (int i = 0; i < 50_000; i++)
                Commit(store, $"group-{i % 10}", new("topic", i % 4), i);
        }

        Assert.InRange(new FileInfo(Journal).Length, 1, 1_100_000);
        using var reopened = new OffsetStore(Journal);
        Assert.Equal(10, reopened.Groups.Count);
        Assert.True(reopened.TryGet("group-9", new("topic", 3), out var last));
        Assert.Equal(49_999, last.Offset);
    }

    private static void Commit(OffsetStore store, string group, TopicPartition partition, long offset) =>
        store.Commit(group, [KeyValuePair.Create(partition, new CommittedOffset(offset, -1, "note", 1))]);

    private static void Apply(
        OffsetStore store, Dictionary<(string Group, TopicPartition Partition), long> expected, string group, TopicPartition partition, long offset, int kind)
    {
        switch (kind)
        {
            case 0:
                store.RemoveGroup(group);
                Forget(expected, key => key.Group == group);
                break;
            case 1:
                store.RemoveTopic(partition.Topic);
                Forget(expected, key => key.Partition.Topic == partition.Topic);
                break;
            case 2:
                store.Remove(group, [partition]);
                expected.Remove((group, partition));
                break;
            default:
                Commit(store, group, partition, offset);
                expected[(group, partition)] = offset;
                break;
        }
    }

    private static void Forget(Dictionary<(string Group, TopicPartition Partition), long> expected, Func<(string Group, TopicPartition Partition), bool> gone)
    {
        foreach (var key in expected.Keys.Where(gone).ToList())
            expected.Remove(key);
    }
}
