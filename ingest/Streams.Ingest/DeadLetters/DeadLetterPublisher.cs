using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streams.Ingest.Publishing;
using Streams.Schemas;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.DeadLetters;

/// <summary>Writes dead letters to the dead-letter topic of their source and run.</summary>
public sealed class DeadLetterPublisher(RecordPublisher publisher, ILogger<DeadLetterPublisher> logger, TimeProvider? time = null) : IDeadLetterSink
{
    /// <summary>Header of a dead letter that had to be cut: the length of the record's value, in bytes.</summary>
    public const string TruncatedHeader = Schemas.Envelope.Headers.TruncatedFrom;

    // Well below the record size that a broker takes by default.
    private const int CutValueBytes = 256 * 1024;
    private const int CutHeaderBytes = 64 * 1024;
    private const int CutKeyBytes = 64 * 1024;

    /// <inheritdoc/>
    public async Task PublishAsync(DeadLetter letter, ConsumeResult<byte[]?, byte[]?> record, CancellationToken ct)
    {
        var topic = Topics.ForRun(letter.Run, Topics.DeadLetter(letter.Topic));
        var message = record.Message;
        var own = RecordHeaders.Own(message.Headers);
        letter = letter with { Time = (time ?? TimeProvider.System).GetUtcNow(), FirstOrigin = RecordHeaders.FirstOrigin(own) };
        try
        {
            await publisher.PublishAsync(topic, message.Key, message.Value, [.. own, .. letter.ToHeaders()], ct);
        }
        catch (PublishException e) when (e.IsTooLarge)
        {
            var length = message.Value?.Length ?? 0;
            logger.DeadLetterCut(letter.Topic, letter.Partition, letter.Offset, length);
            await publisher.PublishAsync(
                topic,
                Cut(message.Key, CutKeyBytes),
                Cut(message.Value, CutValueBytes),
                [
                    .. Fitting(own),
                    .. letter.ToHeaders(),
                    KeyValuePair.Create(TruncatedHeader, Encoding.ASCII.GetBytes(length.ToString(CultureInfo.InvariantCulture)))],
                ct);
        }
    }

    private static byte[]? Cut(byte[]? bytes, int most) => bytes?.Length > most ? bytes[..most] : bytes;

    private static IEnumerable<KeyValuePair<string, byte[]>> Fitting(IEnumerable<KeyValuePair<string, byte[]>> headers)
    {
        var room = CutHeaderBytes;
        return headers.TakeWhile(header => (room -= header.Key.Length + (header.Value?.Length ?? 0)) >= 0);
    }
}
