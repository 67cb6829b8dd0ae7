using Streams.DevBroker.Log;

namespace Streams.DevBroker.Topics;

/// <summary>A topic and its open partitions. Immutable but for its logs: a change makes a new one in the catalog.</summary>
internal sealed record Topic(string Name, Guid Id, TopicConfig Config, IReadOnlyList<PartitionLog> Partitions)
{
    public PartitionLog? Find(int partition) => partition >= 0 && partition < Partitions.Count ? Partitions[partition] : null;
}
