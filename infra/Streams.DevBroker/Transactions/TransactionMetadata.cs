using System.Collections.Immutable;
using Streams.DevBroker.Groups;

namespace Streams.DevBroker.Transactions;

/// <summary>What the coordinator keeps of a transactional id, in memory and in its journal.</summary>
internal sealed record TransactionMetadata
{
    private const byte Version = 1;
    private const long NoProducerId = -1;
    private const short NoEpoch = -1;

    public required string TransactionalId { get; init; }

    public long ProducerId { get; init; } = NoProducerId;

    public short ProducerEpoch { get; init; } = NoEpoch;

    /// <summary>The id before the last change of it; a producer that missed the answer to the change still names this one.</summary>
    public long LastProducerId { get; init; } = NoProducerId;

    /// <summary>The epoch before the last bump that its producer asked for, for the same reason.</summary>
    public short LastProducerEpoch { get; init; } = NoEpoch;

    public int TimeoutMs { get; init; }

    public TransactionState State { get; init; }

    /// <summary>When the open transaction began; -1 without one.</summary>
    public long StartMs { get; init; } = -1;

    public long UpdatedMs { get; init; }

    public ImmutableHashSet<TopicPartition> Partitions { get; init; } = [];

    /// <summary>The groups whose offsets are part of the transaction.</summary>
    public ImmutableHashSet<string> Groups { get; init; } = [];

    public bool HasProducer => ProducerEpoch != NoEpoch;

    /// <summary>The largest epoch is left free for fencing the producer of the one before.</summary>
    public bool IsEpochExhausted => IsExhausted(ProducerEpoch);

    public bool IsPrepared => State is TransactionState.PrepareCommit or TransactionState.PrepareAbort;

    public static bool IsExhausted(short epoch) => epoch >= short.MaxValue - 1;

    public byte[] Encode()
    {
        using var content = new MemoryStream();
        using var writer = new BinaryWriter(content);
        writer.Write(Version);
        writer.Write(TransactionalId);
        writer.Write((byte)State);
        writer.Write(ProducerId);
        writer.Write(ProducerEpoch);
        writer.Write(LastProducerId);
        writer.Write(LastProducerEpoch);
        writer.Write(TimeoutMs);
        writer.Write(StartMs);
        writer.Write(UpdatedMs);
        writer.Write(Partitions.Count);
        foreach (var partition in Partitions)
        {
            writer.Write(partition.Topic);
            writer.Write(partition.Partition);
        }

        writer.Write(Groups.Count);
        foreach (string group in Groups)
            writer.Write(group);
        writer.Flush();
        return content.ToArray();
    }

    public static TransactionMetadata Decode(byte[] content)
    {
        using var reader = new BinaryReader(new MemoryStream(content));
        byte version = reader.ReadByte();
        if (version != Version)
            throw new DevBrokerDataDirectoryException($"The transaction journal has an entry of version {version}, this broker reads {Version}: use the broker that wrote it.");
        string id = reader.ReadString();
        var state = (TransactionState)reader.ReadByte();
        var metadata = new TransactionMetadata
        {
            TransactionalId = id,
            State = state,
            ProducerId = reader.ReadInt64(),
            ProducerEpoch = reader.ReadInt16(),
            LastProducerId = reader.ReadInt64(),
            LastProducerEpoch = reader.ReadInt16(),
            TimeoutMs = reader.ReadInt32(),
            StartMs = reader.ReadInt64(),
            UpdatedMs = reader.ReadInt64(),
        };
        var partitions = ImmutableHashSet.CreateBuilder<TopicPartition>();
        for (int count = reader.ReadInt32(); count > 0; count--)
            partitions.Add(new(reader.ReadString(), reader.ReadInt32()));
        var groups = ImmutableHashSet.CreateBuilder<string>();
        for (int count = reader.ReadInt32(); count > 0; count--)
            groups.Add(reader.ReadString());
        return metadata with { Partitions = partitions.ToImmutable(), Groups = groups.ToImmutable() };
    }
}
