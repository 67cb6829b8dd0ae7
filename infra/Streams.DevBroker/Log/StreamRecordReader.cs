namespace Streams.DevBroker.Log;

/// <summary>
/// Walks the records of a decompressed batch as they come out of the decompressor: a batch that unpacks to far more than
/// it takes on disk costs no memory.
/// </summary>
internal sealed class StreamRecordReader(Stream records, long baseTimestamp)
{
    private readonly Stream _records = new BufferedStream(records);

    public int OffsetDelta { get; private set; }

    public long Timestamp { get; private set; }

    /// <summary>Steps to the next record; false at the end, or when the bytes do not form one.</summary>
    public bool TryNext()
    {
        int unread = 0;
        if (!TryVarint(ref unread, out long length) || length is < 1 or > int.MaxValue || _records.ReadByte() < 0)
            return false;
        unread = (int)length - 1;
        if (!TryVarint(ref unread, out long timestampDelta) || !TryVarint(ref unread, out long offsetDelta) || offsetDelta is < 0 or > int.MaxValue)
            return false;
        Timestamp = baseTimestamp + timestampDelta;
        OffsetDelta = (int)offsetDelta;
        return TrySkip(unread);
    }

    private bool TrySkip(int count)
    {
        Span<byte> skipped = stackalloc byte[512];
        while (count > 0)
        {
            int read = _records.Read(skipped[..Math.Min(count, skipped.Length)]);
            if (read <= 0)
                return false;
            count -= read;
        }

        return count == 0;
    }

    private bool TryVarint(ref int unread, out long value)
    {
        ulong raw = 0;
        value = 0;
        for (int i = 0; i < 10; i++)
        {
            int part = _records.ReadByte();
            if (part < 0)
                return false;
            unread--;
            raw |= (ulong)(part & 0x7F) << (7 * i);
            if ((part & 0x80) != 0)
                continue;
            value = (long)(raw >> 1) ^ -(long)(raw & 1);
            return true;
        }

        return false;
    }
}
