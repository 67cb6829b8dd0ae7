using Confluent.Kafka;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Processing;

namespace Streams.Ingest.Decoding;

/// <summary>Task definitions, labelled samples, answers about pairs and stops: JSON, checked and passed on as it is.</summary>
public sealed class LabelSampleDecoder : IRecordDecoder
{
    /// <inheritdoc />
    public string Topic => Topics.LabelSamples;

    /// <inheritdoc />
    public ValueTask<InputRecord> DecodeAsync(ConsumeResult<byte[]?, byte[]?> record, string key, CancellationToken ct)
    {
        var envelope = RecordEnvelope.Read(record, EventTypes.LabelSample);
        var value = RecordEnvelope.Value(record);
        LabelCodec.Validate(envelope.Type, value, key);
        var type = LabelCodec.KindOf(envelope.Type) switch
        {
            LabelRecordKind.Task => EventTypes.LabelTask,
            LabelRecordKind.Pair => EventTypes.LabelPair,
            LabelRecordKind.Stop => EventTypes.LabelStop,
            _ => EventTypes.LabelSample,
        };
        return ValueTask.FromResult(new InputRecord(
            record.Partition.Value, record.Offset.Value, envelope.Time, type, value, RecordEnvelope.Published(record), envelope.Source, envelope.Subject));
    }
}
