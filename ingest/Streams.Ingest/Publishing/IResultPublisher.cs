using Streams.Schemas.Results;

namespace Streams.Ingest.Publishing;

/// <summary>Puts results on the results topics.</summary>
public interface IResultPublisher
{
    /// <summary>A session for one partition under one lease. Reaches the broker with the first result.</summary>
    IPartitionPublisher Open(PartitionId partition);
}

/// <summary>Publishes the results of one partition's records. Safe to use from several threads. Disposing it gives up what is not acknowledged.</summary>
public interface IPartitionPublisher : IAsyncDisposable
{
    /// <summary>Returns when consumers can see <paramref name="results"/>. May be called again with the same results.</summary>
    /// <param name="results">In the order of their source offsets; of one key.</param>
    /// <param name="cursor">The partition's stored cursor: nothing below it is ever published again.</param>
    /// <param name="ct">Stops waiting; the results may be published nevertheless.</param>
    /// <exception cref="Exception">Not published, or not known to be: call again.</exception>
    Task PublishAsync(IReadOnlyList<ResultMessage> results, long cursor, CancellationToken ct);
}
