using Confluent.Kafka;
using Streams.Ingest.Decoding;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;

namespace Streams.Benchmarks.Pipeline.Roles;

/// <summary>Frames as they came: decoding a JPEG takes a hundred times what carrying it does, and would hide it.</summary>
internal sealed class UndecodedFrames : IRecordDecoder
{
    public string Topic => Topics.VideoFrames;

    public ValueTask<InputRecord> DecodeAsync(ConsumeResult<byte[]?, byte[]?> record, string key, CancellationToken ct)
    {
        var published = DateTimeOffset.FromUnixTimeMilliseconds(record.Message.Timestamp.UnixTimestampMs);
        return ValueTask.FromResult(new InputRecord(
            record.Partition.Value, record.Offset.Value, published, EventTypes.VideoFrame, record.Message.Value, published));
    }
}
