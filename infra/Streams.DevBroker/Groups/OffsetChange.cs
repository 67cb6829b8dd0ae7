namespace Streams.DevBroker.Groups;

/// <summary>What an entry of the offset journal does. The numbers are on disk.</summary>
internal enum OffsetChangeKind : byte
{
    Commit = 1,
    RemoveGroup = 2,
    RemovePartitions = 3,
    RemoveTopic = 4,
}

/// <summary>One entry of the offset journal.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Name">The group, or the topic of <see cref="OffsetChangeKind.RemoveTopic"/>.</param>
/// <param name="Offsets">The partitions concerned; their offsets matter for commits only.</param>
internal sealed record OffsetChange(OffsetChangeKind Kind, string Name, IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> Offsets)
{
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

        return new OffsetChange(kind, name, offsets);
    }
}
