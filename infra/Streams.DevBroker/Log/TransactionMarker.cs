using System.Buffers.Binary;

namespace Streams.DevBroker.Log;

/// <summary>The end of a producer's transaction in one partition: a control batch of one record, which takes one offset.</summary>
internal readonly record struct TransactionMarker(long ProducerId, short ProducerEpoch, bool Committed)
{
    private const short ControlAttributes = 0x30;
    private const short Abort = 0;
    private const short Commit = 1;
    private const short NoSequence = -1;

    // The record's length, its attributes, three deltas and lengths, each of one byte as all of them are small.
    private const int KeyAt = RecordBatchHeader.Size + 5;
    private const int KeyLength = 4;
    private const int ValueLengthAt = KeyAt + KeyLength;
    private const int ValueLength = 6;
    private const int HeadersAt = ValueLengthAt + 1 + ValueLength;
    private const int TotalSize = HeadersAt + 1;

    /// <summary>Whether a control batch of this broker's making says that the transaction was committed.</summary>
    public static bool IsCommit(ReadOnlySpan<byte> batch) =>
        batch.Length == TotalSize && BinaryPrimitives.ReadInt16BigEndian(batch[(KeyAt + sizeof(short))..]) == Commit;

    public byte[] Encode(long nowMs)
    {
        byte[] batch = new byte[TotalSize];
        var bytes = batch.AsSpan();
        BinaryPrimitives.WriteInt32BigEndian(bytes[8..], TotalSize - RecordBatchHeader.LengthPrefix);
        bytes[16] = 2;
        BinaryPrimitives.WriteInt16BigEndian(bytes[21..], ControlAttributes);
        BinaryPrimitives.WriteInt64BigEndian(bytes[27..], nowMs);
        BinaryPrimitives.WriteInt64BigEndian(bytes[35..], nowMs);
        BinaryPrimitives.WriteInt64BigEndian(bytes[43..], ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(bytes[51..], ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(bytes[53..], NoSequence);
        BinaryPrimitives.WriteInt32BigEndian(bytes[57..], 1);
        bytes[RecordBatchHeader.Size] = ZigZag(TotalSize - RecordBatchHeader.Size - 1);
        bytes[KeyAt - 1] = ZigZag(KeyLength);
        // The key is a version, 0, and the type; the value a version, 0, and the coordinator's epoch, which is always 0 here.
        BinaryPrimitives.WriteInt16BigEndian(bytes[(KeyAt + sizeof(short))..], Committed ? Commit : Abort);
        bytes[ValueLengthAt] = ZigZag(ValueLength);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[17..], Crc32C.Compute(bytes[RecordBatchHeader.CrcStart..]));
        return batch;
    }

    private static byte ZigZag(int value) => (byte)(value << 1);
}
