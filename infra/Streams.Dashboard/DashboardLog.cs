using Microsoft.Extensions.Logging;

namespace Streams.Dashboard;

/// <summary>Every log message of the dashboard; event ids from 6000.</summary>
internal static partial class DashboardLog
{
    [LoggerMessage(6000, LogLevel.Warning, "Live results of run '{Run}' interrupted: {Problem}. Trying again; no result is lost.")]
    public static partial void FeedInterrupted(ILogger logger, string run, string problem);

    [LoggerMessage(6001, LogLevel.Debug, "Could not unsubscribe from run '{Run}': {Problem}")]
    public static partial void UnsubscribeFailed(ILogger logger, string run, string problem);

    [LoggerMessage(6002, LogLevel.Warning, "{Path}: Redis did not answer: {Problem}")]
    public static partial void RedisFailed(ILogger logger, string path, string problem);

    [LoggerMessage(6003, LogLevel.Warning, "Could not look up which runs are served: {Problem}. Open pages keep what they show until that works again.")]
    public static partial void ServingUnknown(ILogger logger, string problem);
}
