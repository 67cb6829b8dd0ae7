using System.Buffers.Binary;

namespace Streams.DevBroker.Log;

/// <summary>The fixed 61 bytes before the records of a batch in format 2.</summary>
internal readonly record struct RecordBatchHeader(
    long BaseOffset,
    int BatchLength,
    sbyte Magic,
    uint Crc,
    short Attributes,
    int LastOffsetDelta,
    long BaseTimestamp,
    long MaxTimestamp,
    long ProducerId,
    short ProducerEpoch,
    int BaseSequence,
    int RecordCount)
{
    public const int Size = 61;

    /// <summary>Base offset and length: what stands before the bytes that <see cref="BatchLength"/> counts.</summary>
    public const int LengthPrefix = 12;

    /// <summary>Where the checksum starts to cover the batch; the base offset and leader epoch before it may be patched.</summary>
    public const int CrcStart = 21;

    private const int LeaderEpochAt = 12;
    private const int MagicAt = 16;
    private const int CrcAt = 17;
    private const int MaxTimestampAt = 35;
    private const short CompressionMask = 0x07;
    private const short LogAppendTimeBit = 0x08;
    private const short TransactionalBit = 0x10;
    private const short ControlBit = 0x20;

    public int TotalSize => LengthPrefix + BatchLength;

    public long LastOffset => BaseOffset + LastOffsetDelta;

    public int Compression => Attributes & CompressionMask;

    public bool IsLogAppendTime => (Attributes & LogAppendTimeBit) != 0;

    public bool IsTransactional => (Attributes & TransactionalBit) != 0;

    public bool IsControl => (Attributes & ControlBit) != 0;

    public bool HasProducer => ProducerId >= 0;

    /// <summary>The sequence of the last record; sequences wrap to 0 after the largest int32.</summary>
    public int LastSequence => (int)(((long)BaseSequence + LastOffsetDelta) & int.MaxValue);

    public static RecordBatchHeader Parse(ReadOnlySpan<byte> batch) => new(
        BinaryPrimitives.ReadInt64BigEndian(batch),
        BinaryPrimitives.ReadInt32BigEndian(batch[8..]),
        (sbyte)batch[MagicAt],
        BinaryPrimitives.ReadUInt32BigEndian(batch[CrcAt..]),
        BinaryPrimitives.ReadInt16BigEndian(batch[CrcStart..]),
        BinaryPrimitives.ReadInt32BigEndian(batch[23..]),
        BinaryPrimitives.ReadInt64BigEndian(batch[27..]),
        BinaryPrimitives.ReadInt64BigEndian(batch[MaxTimestampAt..]),
        BinaryPrimitives.ReadInt64BigEndian(batch[43..]),
        BinaryPrimitives.ReadInt16BigEndian(batch[51..]),
        BinaryPrimitives.ReadInt32BigEndian(batch[53..]),
        BinaryPrimitives.ReadInt32BigEndian(batch[57..]));

    /// <summary>The only two fields a broker sets in a batch that keeps its CreateTime; neither is covered by the checksum.</summary>
    public static void PatchOffset(Span<byte> batch, long baseOffset, int leaderEpoch)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch, baseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[LeaderEpochAt..], leaderEpoch);
    }

    /// <summary>Marks the batch as stamped by the broker and renews the checksum.</summary>
    public static void PatchLogAppendTime(Span<byte> batch, long timestamp)
    {
        short attributes = BinaryPrimitives.ReadInt16BigEndian(batch[CrcStart..]);
        BinaryPrimitives.WriteInt16BigEndian(batch[CrcStart..], (short)(attributes | LogAppendTimeBit));
        BinaryPrimitives.WriteInt64BigEndian(batch[MaxTimestampAt..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(batch[CrcAt..], Crc32C.Compute(batch[CrcStart..]));
    }
}
