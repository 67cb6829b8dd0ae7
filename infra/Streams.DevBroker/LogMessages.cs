using Microsoft.Extensions.Logging;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker;

/// <summary>All log messages of the broker. Event ids are stable: 1xx server, 2xx connections, 3xx topics and logs, 4xx refusals, 5xx transactions.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(7100, LogLevel.Information, "Broker listens on {Endpoint}, data in {Directory}, {Topics} topics; told to clients: {Advertised}")]
    public static partial void Started(this ILogger logger, string endpoint, string directory, int topics, string advertised);

    [LoggerMessage(7101, LogLevel.Information, "Broker stopped")]
    public static partial void Stopped(this ILogger logger);

    [LoggerMessage(7102, LogLevel.Information, "The broker was not stopped in order last time: log tails are checked")]
    public static partial void RecoveringAfterCrash(this ILogger logger);

    [LoggerMessage(7103, LogLevel.Error, "Background maintenance failed and will be tried again")]
    public static partial void MaintenanceFailed(this ILogger logger, Exception failure);

    [LoggerMessage(7104, LogLevel.Error, "Accepting connections failed; the broker takes no new ones")]
    public static partial void AcceptFailed(this ILogger logger, Exception failure);

    [LoggerMessage(7200, LogLevel.Debug, "Connection from {Client} opened")]
    public static partial void ConnectionOpened(this ILogger logger, string client);

    [LoggerMessage(7201, LogLevel.Debug, "Connection from {Client} closed")]
    public static partial void ConnectionClosed(this ILogger logger, string client);

    [LoggerMessage(7202, LogLevel.Warning, "Connection from {Client} is closed: {Reason}")]
    public static partial void ConnectionRefused(this ILogger logger, string client, string reason);

    [LoggerMessage(7203, LogLevel.Error, "Connection from {Client} is closed: request {Key} version {Version} failed")]
    public static partial void RequestFailed(this ILogger logger, string client, ApiKey key, short version, Exception failure);

    [LoggerMessage(7204, LogLevel.Error, "Connection from {Client} is closed: sending failed")]
    public static partial void ConnectionFailed(this ILogger logger, string client, Exception failure);

    [LoggerMessage(7205, LogLevel.Warning, "A client from {Host} is not let in: {Reason}")]
    public static partial void AuthenticationFailed(this ILogger logger, string host, string reason);

    [LoggerMessage(7300, LogLevel.Information, "Topic {Topic} created with {Partitions} partitions")]
    public static partial void TopicCreated(this ILogger logger, string topic, int partitions);

    [LoggerMessage(7301, LogLevel.Information, "Topic {Topic} deleted")]
    public static partial void TopicDeleted(this ILogger logger, string topic);

    [LoggerMessage(7302, LogLevel.Warning, "{Directory}: {Bytes} bytes after the last whole batch, never acknowledged or damaged, are cut off")]
    public static partial void TornTailCut(this ILogger logger, string directory, long bytes);

    [LoggerMessage(7303, LogLevel.Information, "{Topic}: {Segments} log files deleted, their age or size is over the topic's limits")]
    public static partial void SegmentsExpired(this ILogger logger, string topic, int segments);

    [LoggerMessage(7400, LogLevel.Warning, "Produce to {Topic}/{Partition} refused with {Error}: {Reason} (client {Client})")]
    public static partial void ProduceRefused(this ILogger logger, string topic, int partition, ErrorCode error, string? reason, string client);

    [LoggerMessage(7500, LogLevel.Warning, "Transaction of {TransactionalId} is aborted and its producer fenced: it is open for longer than its timeout of {TimeoutMs} ms")]
    public static partial void TransactionTimedOut(this ILogger logger, string transactionalId, int timeoutMs);

    [LoggerMessage(7501, LogLevel.Error, "Transaction of {TransactionalId} is decided but not complete, it will be tried again: {Reason}")]
    public static partial void TransactionNotCompleted(this ILogger logger, string transactionalId, string reason);

    [LoggerMessage(7502, LogLevel.Information, "Transactional id {TransactionalId} is forgotten: it was not used for longer than the broker keeps them")]
    public static partial void TransactionalIdExpired(this ILogger logger, string transactionalId);
}
