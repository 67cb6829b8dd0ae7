namespace Streams.DevBroker.Groups;

/// <summary>A position that a group committed for one partition.</summary>
internal readonly record struct CommittedOffset(long Offset, int LeaderEpoch, string Metadata, long CommittedAtMs);

/// <summary>Names one partition of one topic.</summary>
internal readonly record struct TopicPartition(string Topic, int Partition);
