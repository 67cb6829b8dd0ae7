using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Log;

/// <summary>Decides whether the bytes of a produce request are one well-formed batch that may enter the log.</summary>
internal static class RecordBatchValidator
{
    private const int ZstdCompression = 4;
    private const short FirstVersionWithZstd = 7;
    private const sbyte CurrentMagic = 2;
    private const int MagicAt = 16;

    public static (ErrorCode Error, string? Message) Validate(
        ReadOnlySpan<byte> records, int maxMessageBytes, short produceVersion, out RecordBatchHeader header)
    {
        header = default;
        if (records.Length > MagicAt && (sbyte)records[MagicAt] is >= 0 and < CurrentMagic)
            return (ErrorCode.UnsupportedForMessageFormat, $"message format {records[MagicAt]} is not supported, only format 2 (Kafka 0.11 and newer)");
        if (records.Length < RecordBatchHeader.Size)
            return (ErrorCode.CorruptMessage, $"{records.Length} bytes are fewer than the {RecordBatchHeader.Size} of a batch header");
        header = RecordBatchHeader.Parse(records);
        if (header.Magic != CurrentMagic)
            return (ErrorCode.UnsupportedForMessageFormat, $"message format {header.Magic} is not supported, only format 2");
        if (header.BatchLength < RecordBatchHeader.Size - RecordBatchHeader.LengthPrefix || header.TotalSize > records.Length)
            return (ErrorCode.CorruptMessage, $"batch length {header.BatchLength} does not fit the {records.Length} bytes sent");
        if (header.TotalSize < records.Length)
            return (ErrorCode.InvalidRecord, "a partition's records must be exactly one batch");
        if (header.TotalSize > maxMessageBytes)
            return (ErrorCode.MessageTooLarge, $"the batch has {header.TotalSize} bytes, max.message.bytes is {maxMessageBytes}; send less or raise the topic's max.message.bytes");
        if (Crc32C.Compute(records[RecordBatchHeader.CrcStart..]) != header.Crc)
            return (ErrorCode.CorruptMessage, "the batch does not match its CRC-32C");
        return ValidateContent(records, header, produceVersion);
    }

    private static (ErrorCode Error, string? Message) ValidateContent(ReadOnlySpan<byte> batch, in RecordBatchHeader header, short produceVersion)
    {
        if (header.IsControl)
            return (ErrorCode.InvalidRecord, "control batches are written by brokers only");
        if (header.IsTransactional && !header.HasProducer)
            return (ErrorCode.InvalidRecord, "a transactional batch must name its producer");
        if (header.RecordCount <= 0 || header.LastOffsetDelta != header.RecordCount - 1)
            return (ErrorCode.InvalidRecord, $"{header.RecordCount} records do not fit a last offset delta of {header.LastOffsetDelta}");
        if (header.HasProducer && (header.ProducerEpoch < 0 || header.BaseSequence < 0))
            return (ErrorCode.InvalidRecord, $"producer {header.ProducerId} has epoch {header.ProducerEpoch} and sequence {header.BaseSequence}; both must be 0 or more");
        if (header.Compression > ZstdCompression || (header.Compression == ZstdCompression && produceVersion < FirstVersionWithZstd))
            return (ErrorCode.UnsupportedCompressionType, $"compression {header.Compression} is not known in produce version {produceVersion}");
        if (header.Compression != 0)
            return (ErrorCode.None, null);

        var reader = new RecordReader(batch[RecordBatchHeader.Size..], header.BaseTimestamp);
        for (int i = 0; i < header.RecordCount; i++)
        {
            if (!reader.TryNext() || reader.OffsetDelta != i)
                return (ErrorCode.InvalidRecord, $"record {i} of the batch is malformed");
        }

        return reader.AtEnd ? (ErrorCode.None, null) : (ErrorCode.InvalidRecord, "bytes are left after the last record of the batch");
    }
}
