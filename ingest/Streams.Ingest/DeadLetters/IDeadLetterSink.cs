using Confluent.Kafka;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.DeadLetters;

/// <summary>Keeps records that could not be used.</summary>
public interface IDeadLetterSink
{
    /// <summary>Returns once the dead letter of <paramref name="record"/> is safe.</summary>
    /// <exception cref="Exception">It is not; call again.</exception>
    Task PublishAsync(DeadLetter letter, ConsumeResult<byte[]?, byte[]?> record, CancellationToken ct);
}
