using Microsoft.Extensions.Logging;

namespace Streams.Ingest;

/// <summary>Every log message of this project. Event ids are stable: 1xx pump, 2xx records, 3xx publishing, 4xx replay, 5xx sources.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "Pump of {Topic}: started, group {Group} at {Servers}")]
    public static partial void PumpStarted(this ILogger logger, string topic, string group, string servers);

    [LoggerMessage(101, LogLevel.Information, "Pump of {Topic}: stopped")]
    public static partial void PumpStopped(this ILogger logger, string topic);

    [LoggerMessage(102, LogLevel.Error, "Pump of {Topic}: the client failed and is made anew")]
    public static partial void ClientFailed(this ILogger logger, string topic, Exception error);

    [LoggerMessage(103, LogLevel.Warning, "Pump of {Topic}: {Problem}")]
    public static partial void ConsumeFailed(this ILogger logger, string topic, string problem);

    [LoggerMessage(104, LogLevel.Information, "Partition {Partition}: reading from {Offset} under epoch {Epoch}")]
    public static partial void PartitionStarted(this ILogger logger, PartitionId partition, long offset, long epoch);

    [LoggerMessage(116, LogLevel.Debug, "Partition {Partition}: sought {Start}, found {Offset}; looking again whether nothing lies between")]
    public static partial void GapAtStart(this ILogger logger, PartitionId partition, long start, long offset);

    [LoggerMessage(105, LogLevel.Information, "Partition {Partition}: given up at {Offset}")]
    public static partial void PartitionStopped(this ILogger logger, PartitionId partition, long offset);

    [LoggerMessage(106, LogLevel.Warning, "Partition {Partition}: lost; nothing is written for it any more")]
    public static partial void PartitionLost(this ILogger logger, PartitionId partition);

    [LoggerMessage(107, LogLevel.Warning, "Partition {Partition}: halted under epoch {Epoch}")]
    public static partial void PartitionHalted(this ILogger logger, PartitionId partition, long epoch, Exception reason);

    [LoggerMessage(108, LogLevel.Warning, "Partition {Partition}: cannot be acquired yet, attempt {Attempt}")]
    public static partial void AcquireFailed(this ILogger logger, PartitionId partition, int attempt, Exception error);

    [LoggerMessage(109, LogLevel.Error,
        "Partition {Partition}: DATA LOSS, {Count} records from {Cursor} to {LogStart} were deleted by retention before they were processed; "
        + "lengthen retention.ms or retention.bytes of the topic")]
    public static partial void RecordsLost(this ILogger logger, PartitionId partition, long count, long cursor, long logStart);

    [LoggerMessage(110, LogLevel.Warning, "Partition {Partition}: {Outstanding} records not done after {Patience}; the next owner repeats them")]
    public static partial void DrainTimedOut(this ILogger logger, PartitionId partition, int outstanding, TimeSpan patience);

    [LoggerMessage(111, LogLevel.Warning, "Partition {Partition}: cursor {Offset} not written yet")]
    public static partial void CheckpointFailed(this ILogger logger, PartitionId partition, long offset, Exception error);

    [LoggerMessage(112, LogLevel.Warning, "Pump of {Topic}: {Bytes} bytes in flight for {Stall}; paused until they are done")]
    public static partial void Paused(this ILogger logger, string topic, long bytes, TimeSpan stall);

    [LoggerMessage(113, LogLevel.Information, "Pump of {Topic}: goes on")]
    public static partial void Resumed(this ILogger logger, string topic);

    [LoggerMessage(114, LogLevel.Debug, "Pump of {Topic}: offsets for lag tools not committed: {Problem}")]
    public static partial void GroupCommitFailed(this ILogger logger, string topic, string problem);

    [LoggerMessage(EventId = 115, Message = "Kafka client: {Facility} {Text}")]
    public static partial void KafkaClientMessage(this ILogger logger, LogLevel level, string facility, string text);

    [LoggerMessage(200, LogLevel.Warning, "Record {Partition}@{Offset} goes to the dead letters: {Reason}")]
    public static partial void RecordRefused(this ILogger logger, PartitionId partition, long offset, string reason);

    [LoggerMessage(201, LogLevel.Warning, "Cannot {What} records of {Partition}, key {Key}, attempt {Attempt}; repeated")]
    public static partial void CallFailed(this ILogger logger, string what, PartitionId partition, string? key, int attempt, Exception error);

    [LoggerMessage(202, LogLevel.Warning, "Dead letter of {Topic}/{Partition}@{Offset} is cut: {Bytes} bytes are more than its topic takes")]
    public static partial void DeadLetterCut(this ILogger logger, string topic, int partition, long offset, int bytes);

    [LoggerMessage(203, LogLevel.Warning, "Dead letters of {Topic}: attempt {Attempt}, a transaction's outcome is not known ({Problem}); a new client reads what is committed")]
    public static partial void DeadLetterTransactionUnknown(this ILogger logger, string topic, int attempt, string problem);

    [LoggerMessage(300, LogLevel.Warning, "Producer: {Problem}")]
    public static partial void ProducerError(this ILogger logger, string problem);

    [LoggerMessage(301, LogLevel.Warning, "Producer replaced after: {Problem}")]
    public static partial void ProducerReplaced(this ILogger logger, string problem);

    [LoggerMessage(302, LogLevel.Information, "Topic {Topic} created")]
    public static partial void TopicCreated(this ILogger logger, string topic);
}
