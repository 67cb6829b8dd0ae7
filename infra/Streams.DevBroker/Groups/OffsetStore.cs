using System.Diagnostics.CodeAnalysis;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Groups;

/// <summary>
/// The committed offsets of all groups: in memory, and durable in an append-only journal that is rewritten when most of it
/// is outdated. A commit is in the operating system's hands before it is answered.
/// </summary>
internal sealed class OffsetStore : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<TopicPartition, CommittedOffset>> _groups = new(StringComparer.Ordinal);
    private readonly OffsetJournal _journal;

    public OffsetStore(string path)
    {
        _journal = OffsetJournal.Open(path, Apply);
    }

    public IReadOnlyList<string> Groups
    {
        get
        {
            lock (_lock)
                return [.. _groups.Keys];
        }
    }

    public long CutBytes => _journal.CutBytes;

    public void Commit(string group, IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        if (offsets.Count > 0)
            Write(new OffsetChange(OffsetChangeKind.Commit, group, offsets));
    }

    public void RemoveGroup(string group) => Write(new OffsetChange(OffsetChangeKind.RemoveGroup, group, []));

    public void RemoveTopic(string topic) => Write(new OffsetChange(OffsetChangeKind.RemoveTopic, topic, []));

    public void Remove(string group, IEnumerable<TopicPartition> partitions) =>
        Write(new OffsetChange(OffsetChangeKind.RemovePartitions, group, [.. partitions.Select(partition => KeyValuePair.Create(partition, default(CommittedOffset)))]));

    public bool TryGet(string group, TopicPartition partition, [MaybeNullWhen(false)] out CommittedOffset offset)
    {
        offset = default;
        lock (_lock)
            return _groups.TryGetValue(group, out var offsets) && offsets.TryGetValue(partition, out offset);
    }

    public IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> All(string group)
    {
        lock (_lock)
            return _groups.TryGetValue(group, out var offsets) ? [.. offsets] : [];
    }

    public void Flush()
    {
        FileSlice? unflushed;
        lock (_lock)
            unflushed = _journal.TakeUnflushed();
        using (unflushed)
            unflushed?.FlushToDisk();
    }

    public void Dispose()
    {
        Flush();
        lock (_lock)
            _journal.Dispose();
    }

    private void Write(OffsetChange change)
    {
        lock (_lock)
        {
            _journal.Append(change);
            Apply(change);
            if (_journal.IsMostlyOutdated)
                _journal.Rewrite(_groups.Select(group => new OffsetChange(OffsetChangeKind.Commit, group.Key, [.. group.Value])));
        }
    }

    private void Apply(OffsetChange change)
    {
        switch (change.Kind)
        {
            case OffsetChangeKind.Commit:
                if (!_groups.TryGetValue(change.Name, out var offsets))
                    _groups[change.Name] = offsets = [];
                foreach (var (partition, offset) in change.Offsets)
                    offsets[partition] = offset;
                break;
            case OffsetChangeKind.RemoveGroup:
                _groups.Remove(change.Name);
                break;
            case OffsetChangeKind.RemovePartitions:
                RemoveWhere(change.Name, change.Offsets.Select(offset => offset.Key).ToHashSet().Contains);
                break;
            case OffsetChangeKind.RemoveTopic:
                foreach (string group in _groups.Keys.ToList())
                    RemoveWhere(group, partition => partition.Topic == change.Name);
                break;
        }
    }

    private void RemoveWhere(string group, Func<TopicPartition, bool> doomed)
    {
        if (!_groups.TryGetValue(group, out var offsets))
            return;
        foreach (var partition in offsets.Keys.Where(doomed).ToList())
            offsets.Remove(partition);
        if (offsets.Count == 0)
            _groups.Remove(group);
    }
}
