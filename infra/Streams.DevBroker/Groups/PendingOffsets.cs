namespace Streams.DevBroker.Groups;

/// <summary>Offsets sent to transactions that have not ended, by group and producer. Guarded by the lock of its store.</summary>
internal sealed class PendingOffsets
{
    private readonly Dictionary<(string Group, long ProducerId), Dictionary<TopicPartition, CommittedOffset>> _pending = [];

    public bool IsEmpty => _pending.Count == 0;

    public IEnumerable<(string Group, long ProducerId, IReadOnlyDictionary<TopicPartition, CommittedOffset> Offsets)> All =>
        _pending.Select(pending => (pending.Key.Group, pending.Key.ProducerId, (IReadOnlyDictionary<TopicPartition, CommittedOffset>)pending.Value));

    public bool Has(string group, long producerId) => _pending.ContainsKey((group, producerId));

    public bool Has(string group, TopicPartition partition) =>
        !IsEmpty && _pending.Any(pending => pending.Key.Group == group && pending.Value.ContainsKey(partition));

    public void Put(string group, long producerId, IEnumerable<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        if (!_pending.TryGetValue((group, producerId), out var pending))
            _pending[(group, producerId)] = pending = [];
        foreach (var (partition, offset) in offsets)
            pending[partition] = offset;
    }

    public IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> Take(string group, long producerId) =>
        _pending.Remove((group, producerId), out var pending) ? pending : [];

    public void Remove(string group, Func<TopicPartition, bool> doomed)
    {
        foreach (var (key, offsets) in _pending.Where(pending => pending.Key.Group == group).ToList())
        {
            foreach (var partition in offsets.Keys.Where(doomed).ToList())
                offsets.Remove(partition);
            if (offsets.Count == 0)
                _pending.Remove(key);
        }
    }
}
