namespace Streams.DevBroker.Groups;

/// <summary>What an entry of the offset journal does. The numbers are on disk.</summary>
internal enum OffsetChangeKind : byte
{
    Commit = 1,
    RemoveGroup = 2,
    RemovePartitions = 3,
    RemoveTopic = 4,

    /// <summary>Offsets sent to a transaction that has not ended.</summary>
    CommitPending = 5,

    /// <summary>The transaction was committed: what is pending becomes the group's offsets.</summary>
    ApplyPending = 6,

    /// <summary>The transaction was aborted: what is pending is forgotten.</summary>
    DropPending = 7,
}

/// <summary>One entry of the offset journal.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Name">The group, or the topic of <see cref="OffsetChangeKind.RemoveTopic"/>.</param>
/// <param name="Offsets">The partitions concerned; their offsets matter for commits only.</param>
/// <param name="ProducerId">Whose transaction it is; for the pending kinds only.</param>
internal sealed record OffsetChange(
    OffsetChangeKind Kind, string Name, IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> Offsets, long ProducerId = -1)
{
    private bool IsTransactional => Kind >= OffsetChangeKind.CommitPending;

    public byte[] Encode()
    {
        using var content = new MemoryStream();
        using var writer = new BinaryWriter(content);
        writer.Write((byte)Kind);
        writer.Write(Name);
        writer.Write(Offsets.Count);
        foreach (var (partition, offset) in Offsets)
        {
            writer.Write(partition.Topic);
            writer.Write(partition.Partition);
            writer.Write(offset.Offset);
            writer.Write(offset.LeaderEpoch);
            writer.Write(offset.Metadata ?? string.Empty);
            writer.Write(offset.CommittedAtMs);
        }

        if (IsTransactional)
            writer.Write(ProducerId);
        writer.Flush();
        return content.ToArray();
    }

    public static OffsetChange Decode(byte[] payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload));
        var kind = (OffsetChangeKind)reader.ReadByte();
        string name = reader.ReadString();
        var offsets = new List<KeyValuePair<TopicPartition, CommittedOffset>>();
        for (int count = reader.ReadInt32(); count > 0; count--)
        {
            var partition = new TopicPartition(reader.ReadString(), reader.ReadInt32());
            offsets.Add(new(partition, new(reader.ReadInt64(), reader.ReadInt32(), reader.ReadString(), reader.ReadInt64())));
        }

        var change = new OffsetChange(kind, name, offsets);
        return change.IsTransactional ? change with { ProducerId = reader.ReadInt64() } : change;
    }
}
