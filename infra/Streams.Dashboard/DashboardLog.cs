using System.Net;
using Microsoft.Extensions.Logging;
using Streams.Dashboard.Security;

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

    [LoggerMessage(6004, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(ILogger logger, string method, string path, Exception exception);

    [LoggerMessage(6010, LogLevel.Information, "Audit {Id}: {Who} ({Role}, {Via}, from {From}) asks for {Action}")]
    public static partial void Asked(ILogger logger, string id, string who, AccessRole? role, string via, string from, string action);

    [LoggerMessage(6011, LogLevel.Information, "Audit {Id}: {Who} ({Role}, {Via}, from {From}) was answered {Status} to {Action} {Body}")]
    public static partial void Answered(ILogger logger, string id, string who, AccessRole? role, string via, string from, string action, string? body,
        int status);

    [LoggerMessage(6012, LogLevel.Warning, "Audit {Id} is only in this log: Redis did not take it: {Problem}")]
    public static partial void AuditNotKept(ILogger logger, string id, string problem);

    [LoggerMessage(6013, LogLevel.Warning, "A request from {From} is refused: {Reason}")]
    public static partial void CredentialRefused(ILogger logger, IPAddress? from, string reason);
}
