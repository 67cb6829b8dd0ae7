using Confluent.Kafka;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Signals;

namespace Streams.Ingest.Decoding;

/// <summary>Readings of a sensor network: an Arrow IPC stream, checked and passed on as it is.</summary>
public sealed class SensorSignalDecoder : IRecordDecoder
{
    /// <inheritdoc />
    public string Topic => Topics.SensorSignals;

    /// <inheritdoc />
    public ValueTask<InputRecord> DecodeAsync(ConsumeResult<byte[]?, byte[]?> record, string key, CancellationToken ct)
    {
        var envelope = RecordEnvelope.Read(record, EventTypes.SensorSignal);
        if (!EventTypes.IsVersionOf(EventTypes.SensorSignal, envelope.Type))
        {
            throw RecordEnvelope.WrongType(envelope.Type, Topic, EventTypes.SensorSignal);
        }

        var value = RecordEnvelope.Value(record);
        SignalCodec.Validate(value, key);
        return ValueTask.FromResult(new InputRecord(
            record.Partition.Value, record.Offset.Value, envelope.Time, EventTypes.SensorSignal, value, RecordEnvelope.Published(record), envelope.Source));
    }
}
