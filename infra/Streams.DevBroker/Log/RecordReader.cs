namespace Streams.DevBroker.Log;

/// <summary>Walks the records of an uncompressed batch without materialising keys or values.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> records, long baseTimestamp)
{
    private ReadOnlySpan<byte> _rest = records;

    public int OffsetDelta { get; private set; }

    public long Timestamp { get; private set; }

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Steps to the next record; false when the bytes do not form one.</summary>
    public bool TryNext()
    {
        if (!TryVarint(ref _rest, out long length) || length < 0 || length > _rest.Length)
            return false;
        var record = _rest[..(int)length];
        _rest = _rest[(int)length..];
        if (record.IsEmpty)
            return false;
        record = record[1..];
        if (!TryVarint(ref record, out long timestampDelta) || !TryVarint(ref record, out long offsetDelta) || offsetDelta is < 0 or > int.MaxValue)
            return false;
        Timestamp = baseTimestamp + timestampDelta;
        OffsetDelta = (int)offsetDelta;
        return true;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> data, out long value)
    {
        ulong raw = 0;
        for (int i = 0; i < 10 && i < data.Length; i++)
        {
            raw |= (ulong)(data[i] & 0x7F) << (7 * i);
            if ((data[i] & 0x80) == 0)
            {
                data = data[(i + 1)..];
                value = (long)(raw >> 1) ^ -(long)(raw & 1);
                return true;
            }
        }

        value = 0;
        return false;
    }
}
