using System.Diagnostics;
using Streams.Schemas.Results;

namespace Streams.Host.Telemetry;

/// <summary>All spans of the host itself.</summary>
internal static class HostActivities
{
    private static readonly ActivitySource Source = new("Streams.Host");

    /// <summary>A result goes from its topic to Redis; null where its producer did not trace it, or nobody listens.</summary>
    public static Activity? StartProject(ResultRecord result, int batch) =>
        Source.HasListeners() && ActivityContext.TryParse(result.TraceParent, null, isRemote: true, out var parent)
            ? Source.StartActivity(
                ActivityKind.Consumer,
                parent,
                [
                    new("messaging.system", "kafka"),
                    new("messaging.operation.name", "process"),
                    new("messaging.operation.type", "process"),
                    new("messaging.destination.name", result.Topic),
                    new("messaging.batch.message_count", batch),
                    new("streams.run", result.Run),
                    new("streams.result.id", result.Id),
                ],
                name: $"process {result.Topic}")
            : null;
}
