namespace Streams.Grains.Outbox;

/// <summary>Puts results on the results topics. The host implements it with Kafka; grains know no broker.</summary>
public interface IResultPublisher
{
    /// <summary>Returns when the broker has acknowledged every result. May be called again with the same results.</summary>
    ValueTask PublishAsync(IReadOnlyList<OutboxResult> results, CancellationToken cancellationToken);
}
