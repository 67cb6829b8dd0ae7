using Confluent.Kafka;

namespace Streams.Ingest.DeadLetters;

/// <summary>A transaction was given up, or nobody knows whether it was committed: the client is done for, and what is committed must be read again.</summary>
internal sealed class TransactionOutcomeException(Error error) : Exception(error.Reason)
{
    public Error Error { get; } = error;
}
