using Microsoft.Extensions.Logging.Abstractions;
using Streams.Ingest;
using Streams.Ingest.DeadLetters;

namespace Streams.Host.DeadLetters;

/// <summary>What a <c>streams dlt</c> command is asked for.</summary>
/// <param name="Kafka">How to reach the broker.</param>
/// <param name="Topics">Whose letters.</param>
/// <param name="Filter">Which of them.</param>
/// <param name="Limit">At most so many.</param>
/// <param name="Json">One JSON object a line instead of text for people.</param>
internal sealed record DltRequest(KafkaOptions Kafka, IReadOnlyList<DeadLetterTopic> Topics, DeadLetterFilter Filter, int? Limit, bool Json)
{
    /// <summary>The topic of a command that works on one.</summary>
    public DeadLetterTopic Topic => Topics[0];

    /// <summary>A reader of one of the topics. Errors reach the user as exceptions, so it has no log.</summary>
    public DeadLetterReader Reader(DeadLetterTopic topic) => new(Kafka, topic, NullLogger.Instance);
}
