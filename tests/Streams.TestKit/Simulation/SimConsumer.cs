using Confluent.Kafka;

namespace Streams.TestKit.Simulation;

/// <summary>
/// The client of one pump: what the product calls of <see cref="IConsumer{TKey,TValue}"/>, with rebalance callbacks inside Consume as in librdkafka.
/// </summary>
internal sealed class SimConsumer(SimWorld world, SimBroker broker, SimProcess process) : IConsumer<byte[]?, byte[]?>
{
    private readonly Dictionary<int, long> _positions = [];
    private readonly HashSet<int> _paused = [];
    private readonly HashSet<int> _ended = [];

    // Assigned at the end, and the broker's answer where that is has not come.
    private readonly HashSet<int> _lookups = [];
    private SimGroup.Member _member = broker.Group.Join(process);

    public Func<List<TopicPartition>, IEnumerable<TopicPartitionOffset>> Assigned { get; set; } = _ => [];

    public Action<List<TopicPartitionOffset>> Revoked { get; set; } = _ => { };

    public Action<List<TopicPartitionOffset>> Lost { get; set; } = _ => { };

    public List<TopicPartition> Assignment => [.. _positions.Keys.Select(Partition)];

    public Handle Handle => throw new NotSupportedException();

    public string Name => process.Name;

    public string MemberId => process.Name;

    public List<string> Subscription => [broker.Topic];

    public IConsumerGroupMetadata ConsumerGroupMetadata => throw new NotSupportedException();

    public ConsumeResult<byte[]?, byte[]?>? Consume(TimeSpan timeout)
    {
        Rebalance();
        ResolveLookups();
        var ready = _positions.Keys.Where(partition => !_paused.Contains(partition) && _positions[partition] >= 0).ToList();
        if (ready.Count == 0)
        {
            return null;
        }

        var chosen = ready[world.Random.Next(ready.Count)];
        var record = broker.Read(chosen, _positions[chosen]);
        if (record is not null)
        {
            _positions[chosen] = record.Offset.Value + 1;
            _ended.Remove(chosen);
            return record;
        }

        var end = broker.End(chosen);
        if (!_ended.Add(chosen) && _positions[chosen] == end)
        {
            return null;
        }

        _positions[chosen] = end;
        return new ConsumeResult<byte[]?, byte[]?> { TopicPartitionOffset = new TopicPartitionOffset(broker.Topic, chosen, end), IsPartitionEOF = true };
    }

    public void Seek(TopicPartitionOffset tpo)
    {
        if (!_positions.ContainsKey(tpo.Partition.Value))
        {
            throw new KafkaException(Confluent.Kafka.ErrorCode.Local_State);
        }

        _positions[tpo.Partition.Value] = tpo.Offset.Value;
        _ended.Remove(tpo.Partition.Value);
    }

    public void Pause(IEnumerable<TopicPartition> partitions) => _paused.UnionWith(partitions.Select(p => p.Partition.Value));

    public void Resume(IEnumerable<TopicPartition> partitions) => _paused.ExceptWith(partitions.Select(p => p.Partition.Value));

    public WatermarkOffsets QueryWatermarkOffsets(TopicPartition topicPartition, TimeSpan timeout) => new(0, broker.End(topicPartition.Partition.Value));

    public WatermarkOffsets GetWatermarkOffsets(TopicPartition topicPartition) => QueryWatermarkOffsets(topicPartition, default);

    public void Commit(IEnumerable<TopicPartitionOffset> offsets)
    {
        foreach (var offset in offsets)
        {
            broker.Committed[offset.Partition.Value] = offset.Offset.Value;
        }
    }

    public void Close() => broker.Group.Leave(_member);

    public void Dispose()
    {
    }

    private TopicPartition Partition(int partition) => new(broker.Topic, partition);

    private void Rebalance()
    {
        if (_member.IsExpelled)
        {
            var lost = _positions.Select(position => new TopicPartitionOffset(Partition(position.Key), position.Value)).ToList();
            Forget([.. _positions.Keys]);
            Lost(lost);
            _member = broker.Group.Join(process);
        }

        var revoked = _member.Owned.Except(_member.Target).ToList();
        if (revoked.Count > 0)
        {
            Revoked([.. revoked.Select(partition => new TopicPartitionOffset(Partition(partition), _positions[partition]))]);
            Forget(revoked);
            _member.Owned.ExceptWith(revoked);
        }

        var assigned = _member.Target.Except(_member.Owned).Where(broker.Group.IsFree).ToList();
        if (assigned.Count > 0 && !_member.IsExpelled)
        {
            _member.Owned.UnionWith(assigned);
            foreach (var at in Assigned([.. assigned.Select(Partition)]))
            {
                _positions[at.Partition.Value] = at.Offset.Value;
                if (at.Offset == Offset.End)
                {
                    _lookups.Add(at.Partition.Value);
                }
            }
        }
    }

    /// <summary>As librdkafka does it: the answer counts even when the application has sought elsewhere in the meantime.</summary>
    private void ResolveLookups()
    {
        foreach (var partition in _lookups.Where(_ => world.Happens(0.3)).ToList())
        {
            _lookups.Remove(partition);
            _positions[partition] = broker.End(partition);
            _ended.Remove(partition);
        }
    }

    private void Forget(List<int> partitions)
    {
        foreach (var partition in partitions)
        {
            _lookups.Remove(partition);
            _positions.Remove(partition);
            _paused.Remove(partition);
            _ended.Remove(partition);
        }
    }

    // What no pump calls.
    public ConsumeResult<byte[]?, byte[]?> Consume(int millisecondsTimeout) => throw new NotSupportedException();

    public ConsumeResult<byte[]?, byte[]?> Consume(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void Subscribe(IEnumerable<string> topics) => throw new NotSupportedException();

    public void Subscribe(string topic) => throw new NotSupportedException();

    public void Unsubscribe() => throw new NotSupportedException();

    public void Assign(TopicPartition partition) => throw new NotSupportedException();

    public void Assign(TopicPartitionOffset partition) => throw new NotSupportedException();

    public void Assign(IEnumerable<TopicPartitionOffset> partitions) => throw new NotSupportedException();

    public void Assign(IEnumerable<TopicPartition> partitions) => throw new NotSupportedException();

    public void IncrementalAssign(IEnumerable<TopicPartitionOffset> partitions) => throw new NotSupportedException();

    public void IncrementalAssign(IEnumerable<TopicPartition> partitions) => throw new NotSupportedException();

    public void IncrementalUnassign(IEnumerable<TopicPartition> partitions) => throw new NotSupportedException();

    public void Unassign() => throw new NotSupportedException();

    public void StoreOffset(ConsumeResult<byte[]?, byte[]?> result) => throw new NotSupportedException();

    public void StoreOffset(TopicPartitionOffset offset) => throw new NotSupportedException();

    public List<TopicPartitionOffset> Commit() => throw new NotSupportedException();

    public void Commit(ConsumeResult<byte[]?, byte[]?> result) => throw new NotSupportedException();

    public List<TopicPartitionOffset> Committed(TimeSpan timeout) => throw new NotSupportedException();

    public List<TopicPartitionOffset> Committed(IEnumerable<TopicPartition> partitions, TimeSpan timeout) => throw new NotSupportedException();

    public Offset Position(TopicPartition partition) => throw new NotSupportedException();

    public TopicPartitionOffset PositionTopicPartitionOffset(TopicPartition partition) => throw new NotSupportedException();

    public List<TopicPartitionOffset> OffsetsForTimes(IEnumerable<TopicPartitionTimestamp> timestampsToSearch, TimeSpan timeout) => throw new NotSupportedException();

    public int AddBrokers(string brokers) => throw new NotSupportedException();

    public void SetSaslCredentials(string username, string password) => throw new NotSupportedException();
}
