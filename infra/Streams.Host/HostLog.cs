using Microsoft.Extensions.Logging;
using Streams.Host.Pipeline;

namespace Streams.Host;

/// <summary>Log messages of the host, event ids 1000-1099.</summary>
internal static partial class HostLog
{
    [LoggerMessage(1000, LogLevel.Warning, "Projector: {Topic}[{Partition}]@{Offset} is not a result and is left out: {Reason}")]
    public static partial void ResultUnreadable(this ILogger logger, string topic, int partition, long offset, string reason);

    [LoggerMessage(1001, LogLevel.Error, "Projector: writing to Redis failed, trying again in {Delay}")]
    public static partial void ProjectionFailed(this ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(1006, LogLevel.Warning, "Projector: Redis is another server than before and may lack results; {Topic}[{Partition}] is read again from {Offset}")]
    public static partial void ProjectionRewound(this ILogger logger, string topic, int partition, long offset);

    [LoggerMessage(1007, LogLevel.Warning, "Projector: the cursor of {Topic}[{Partition}] is {Cursor}, beyond the end {End}: the topic was created anew and is read from its beginning")]
    public static partial void ProjectionRestarted(this ILogger logger, string topic, int partition, long cursor, long end);

    [LoggerMessage(1008, LogLevel.Error, "Projector: the client failed and is made anew in {Delay}")]
    public static partial void ProjectorFailed(this ILogger logger, TimeSpan delay, Exception exception);

    [LoggerMessage(1009, LogLevel.Warning, "Waiting for {What}, {Seconds} s of at most {Patience} s (Streams:StartPatience): {Problem}")]
    public static partial void WaitingForService(this ILogger logger, string what, int seconds, int patience, string problem);

    [LoggerMessage(1010, LogLevel.Warning, "Stopped after {Seconds:0.0} s, not all in order; what was not written is repeated after the next start: {Problem}")]
    public static partial void StoppedInDisorder(this ILogger logger, double seconds, string problem);

    [LoggerMessage(1002, LogLevel.Warning, "Kafka: {Reason}")]
    public static partial void KafkaError(this ILogger logger, string reason);

    [LoggerMessage(1003, LogLevel.Information, "Run {Run}: replay of {Topic} from {Start} to {End} started")]
    public static partial void ReplayStarted(this ILogger logger, string run, string topic, string start, string end);

    [LoggerMessage(1004, LogLevel.Information, "Run {Run}: done, {Records} records")]
    public static partial void ReplayDone(this ILogger logger, string run, long records);

    [LoggerMessage(1011, LogLevel.Warning, "Run {Run}: interrupted, goes on by itself: {Reason}")]
    public static partial void ReplayInterrupted(this ILogger logger, string run, string reason);

    [LoggerMessage(1012, LogLevel.Warning, "Runs: the registry does not answer: {Reason}")]
    public static partial void RunsNotSeen(this ILogger logger, string reason);

    [LoggerMessage(1013, LogLevel.Information, "Task {Task}: definition published again ({Cause})")]
    public static partial void LabelTaskRepeated(this ILogger logger, string task, LabelTaskTimers.Cause cause);

    [LoggerMessage(1014, LogLevel.Warning, "Task {Task}: asks nothing after {Repeats} repetitions of its definition, which is not repeated any more; it has ended, or its definition was refused (see the dead letters)")]
    public static partial void LabelTaskSilent(this ILogger logger, string task, int repeats);

    [LoggerMessage(1015, LogLevel.Warning, "Labelling tasks: no definition is repeated for {Delay}: {Reason}")]
    public static partial void LabelTaskWatchFailed(this ILogger logger, TimeSpan delay, string reason);

    [LoggerMessage(1016, LogLevel.Error,
        "The broker lets this client neither see nor create topic {Topic}: what goes through it stands still, the other topics go on. Grant it Describe, Read and Write")]
    public static partial void TopicRefused(this ILogger logger, string topic);

    [LoggerMessage(1005, LogLevel.Error, "Run {Run}: replay failed")]
    public static partial void ReplayFailed(this ILogger logger, string run, Exception exception);
}
