using System.IO.Compression;

namespace Streams.DevBroker.Log;

/// <summary>Finds the first record of a batch at or after a timestamp.</summary>
internal static class TimestampSearch
{
    private const int Uncompressed = 0;
    private const int Gzip = 1;

    /// <summary>Whether the batch itself must be read; if not, its first record is the answer, or the nearest that is known to it.</summary>
    public static bool NeedsRecords(in RecordBatchHeader header, long timestamp) =>
        !header.IsLogAppendTime && header.BaseTimestamp < timestamp && header.Compression is Uncompressed or Gzip;

    public static (long Offset, long Timestamp) WithoutRecords(in RecordBatchHeader header, long logStart) =>
        (Math.Max(header.BaseOffset, logStart), header.IsLogAppendTime ? header.MaxTimestamp : header.BaseTimestamp);

    public static (long Offset, long Timestamp) InRecords(byte[] batch, in RecordBatchHeader header, long timestamp, long logStart)
    {
        long firstDelta = Math.Max(0, logStart - header.BaseOffset);
        var found = header.Compression == Gzip
            ? InGzip(batch, header, timestamp, firstDelta)
            : InPlain(batch.AsSpan(RecordBatchHeader.Size, header.TotalSize - RecordBatchHeader.Size), header.BaseTimestamp, timestamp, firstDelta);
        return found is { } record ? (header.BaseOffset + record.Delta, record.Timestamp) : (header.LastOffset, header.MaxTimestamp);
    }

    private static (int Delta, long Timestamp)? InPlain(ReadOnlySpan<byte> records, long baseTimestamp, long timestamp, long firstDelta)
    {
        var reader = new RecordReader(records, baseTimestamp);
        while (reader.TryNext())
        {
            if (reader.Timestamp >= timestamp && reader.OffsetDelta >= firstDelta)
                return (reader.OffsetDelta, reader.Timestamp);
        }

        return null;
    }

    private static (int Delta, long Timestamp)? InGzip(byte[] batch, in RecordBatchHeader header, long timestamp, long firstDelta)
    {
        using var packed = new MemoryStream(batch, RecordBatchHeader.Size, header.TotalSize - RecordBatchHeader.Size, writable: false);
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        var reader = new StreamRecordReader(unpacked, header.BaseTimestamp);
        try
        {
            while (reader.TryNext())
            {
                if (reader.Timestamp >= timestamp && reader.OffsetDelta >= firstDelta)
                    return (reader.OffsetDelta, reader.Timestamp);
            }
        }
        catch (InvalidDataException)
        {
            // The client sent what is no gzip; nobody can read it, and the batch's end is as good as any answer.
        }

        return null;
    }
}
