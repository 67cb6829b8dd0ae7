using System.Diagnostics.CodeAnalysis;
using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Groups;

/// <summary>
/// The committed offsets of all groups: in memory, and durable in an append-only journal that is rewritten when most of it
/// is outdated. A commit is in the operating system's hands before it is answered. Offsets sent to a transaction are pending,
/// invisible to readers, until it ends.
/// </summary>
internal sealed class OffsetStore : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<TopicPartition, CommittedOffset>> _groups = new(StringComparer.Ordinal);
    private readonly PendingOffsets _pending = new();
    private readonly Journal _journal;

    public OffsetStore(string path)
    {
        _journal = Journal.Open(path, content => Apply(OffsetChange.Decode(content)));
    }

    public IReadOnlyList<string> Groups
    {
        get
        {
            lock (_lock)
                return [.. _groups.Keys.Union(_pending.All.Select(pending => pending.Group))];
        }
    }

    /// <summary>The groups that have pending offsets, with the producers whose transactions these belong to.</summary>
    public IReadOnlyList<(string Group, long ProducerId)> Pending
    {
        get
        {
            lock (_lock)
                return [.. _pending.All.Select(pending => (pending.Group, pending.ProducerId))];
        }
    }

    public long CutBytes => _journal.CutBytes;

    public void Commit(string group, IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        if (offsets.Count > 0)
            Write(new OffsetChange(OffsetChangeKind.Commit, group, offsets));
    }

    /// <summary>Keeps offsets aside until the transaction of the producer ends.</summary>
    public void CommitPending(string group, long producerId, IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        if (offsets.Count > 0)
            Write(new OffsetChange(OffsetChangeKind.CommitPending, group, offsets, producerId));
    }

    /// <summary>Ends what is pending for a producer, one way or the other; nothing happens when nothing is.</summary>
    public void EndPending(string group, long producerId, bool commit)
    {
        lock (_lock)
        {
            if (!_pending.Has(group, producerId))
                return;
        }

        Write(new OffsetChange(commit ? OffsetChangeKind.ApplyPending : OffsetChangeKind.DropPending, group, [], producerId));
    }

    /// <summary>Whether an open transaction may still change the offset.</summary>
    public bool IsPending(string group, TopicPartition partition)
    {
        lock (_lock)
            return _pending.Has(group, partition);
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
            _journal.Append(change.Encode());
            Apply(change);
            if (_journal.IsMostlyOutdated)
                _journal.Rewrite(Live().Select(live => live.Encode()));
        }
    }

    private IEnumerable<OffsetChange> Live() => _groups
        .Select(group => new OffsetChange(OffsetChangeKind.Commit, group.Key, [.. group.Value]))
        .Concat(_pending.All.Select(pending => new OffsetChange(OffsetChangeKind.CommitPending, pending.Group, [.. pending.Offsets], pending.ProducerId)));

    private void Apply(OffsetChange change)
    {
        switch (change.Kind)
        {
            case OffsetChangeKind.Commit:
                // The later of two commits wins: a pending one that came before does not come back at the transaction's end.
                if (!_pending.IsEmpty)
                    _pending.Remove(change.Name, change.Offsets.Select(offset => offset.Key).ToHashSet().Contains);
                Put(change.Name, change.Offsets);
                break;
            case OffsetChangeKind.RemoveGroup:
                _groups.Remove(change.Name);
                _pending.Remove(change.Name, static _ => true);
                break;
            case OffsetChangeKind.RemovePartitions:
                RemoveWhere(change.Name, change.Offsets.Select(offset => offset.Key).ToHashSet().Contains);
                break;
            case OffsetChangeKind.RemoveTopic:
                foreach (string group in _groups.Keys.ToList())
                    RemoveWhere(group, partition => partition.Topic == change.Name);
                foreach (string group in _pending.All.Select(pending => pending.Group).Distinct().ToList())
                    _pending.Remove(group, partition => partition.Topic == change.Name);
                break;
            case OffsetChangeKind.CommitPending:
                _pending.Put(change.Name, change.ProducerId, change.Offsets);
                break;
            case OffsetChangeKind.ApplyPending:
                Put(change.Name, _pending.Take(change.Name, change.ProducerId));
                break;
            case OffsetChangeKind.DropPending:
                _pending.Take(change.Name, change.ProducerId);
                break;
        }
    }

    private void Put(string group, IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> committed)
    {
        if (committed.Count == 0)
            return;
        if (!_groups.TryGetValue(group, out var offsets))
            _groups[group] = offsets = [];
        foreach (var (partition, offset) in committed)
            offsets[partition] = offset;
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
