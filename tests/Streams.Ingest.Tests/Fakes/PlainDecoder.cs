using Confluent.Kafka;
using Streams.Ingest.Decoding;
using Streams.Schemas;
using Streams.Schemas.Processing;

namespace Streams.Ingest.Tests.Fakes;

/// <summary>Takes every value as it is, except empty ones.</summary>
internal sealed class PlainDecoder(string topic = Topics.LabelSamples) : IRecordDecoder
{
    public string Topic => topic;

    public ValueTask<InputRecord> DecodeAsync(ConsumeResult<byte[]?, byte[]?> record, string key, CancellationToken ct) =>
        record.Message.Value is { Length: > 0 } value
            ? ValueTask.FromResult(new InputRecord(
                record.Partition.Value, record.Offset.Value, new DateTimeOffset(record.Message.Timestamp.UtcDateTime), "plain", value))
            : throw new RecordFormatException("value", "is empty; give some");
}
