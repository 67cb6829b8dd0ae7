using System.Buffers.Binary;
using Streams.DevBroker.Log;

namespace Streams.DevBroker.Tests.Log;

/// <summary>Makes record batches by hand.</summary>
internal static class Batches
{
    public static byte[] Make(
        int records = 1, long timestamp = 1000, int valueSize = 10, long producerId = -1, short epoch = -1, int sequence = -1, short attributes = 0)
    {
        using var body = new MemoryStream();
        for (int i = 0; i < records; i++)
        {
            using var record = new MemoryStream();
            record.WriteByte(0);
            WriteVarint(record, i);
            WriteVarint(record, i);
            WriteVarint(record, -1);
            WriteVarint(record, valueSize);
            record.Write(new byte[valueSize]);
            WriteVarint(record, 0);
            WriteVarint(body, record.Length);
            record.WriteTo(body);
        }

        byte[] batch = new byte[RecordBatchHeader.Size + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), batch.Length - RecordBatchHeader.LengthPrefix);
        batch[16] = 2;
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(21), attributes);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(23), records - 1);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(27), timestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(35), timestamp + records - 1);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(43), producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(51), epoch);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(53), sequence);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(57), records);
        body.ToArray().CopyTo(batch, RecordBatchHeader.Size);
        return Seal(batch);
    }

    /// <summary>Renews the checksum after a change.</summary>
    public static byte[] Seal(byte[] batch)
    {
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), Crc32C.Compute(batch.AsSpan(RecordBatchHeader.CrcStart)));
        return batch;
    }

    private static void WriteVarint(Stream target, long value)
    {
        ulong zigzag = (ulong)((value << 1) ^ (value >> 63));
        for (; zigzag >= 0x80; zigzag >>= 7)
            target.WriteByte((byte)(zigzag | 0x80));
        target.WriteByte((byte)zigzag);
    }
}
