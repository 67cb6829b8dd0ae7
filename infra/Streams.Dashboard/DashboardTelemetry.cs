using System.Diagnostics;
using System.Diagnostics.Metrics;
using Streams.Dashboard.Live;

namespace Streams.Dashboard;

/// <summary>All spans and instruments of the dashboard.</summary>
internal static class DashboardTelemetry
{
    private const string Name = "Streams.Dashboard";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly UpDownCounter<int> Connections = Meter.CreateUpDownCounter<int>(
        "streams.live.connections", "{connection}", "Live connections that are open");

    private static readonly Counter<long> Events = Meter.CreateCounter<long>("streams.live.events", "{event}", "Results handed to live connections");

    /// <summary>A live connection was opened or closed.</summary>
    public static void Connected(int change) => Connections.Add(change);

    /// <summary>
    /// A result is handed to a live connection. The first one of this process ends the result's trace; a span for each of a thousand connections would
    /// only repeat it.
    /// </summary>
    public static void Delivered(LiveEntry entry)
    {
        Events.Add(1, new KeyValuePair<string, object?>("messaging.destination.name", entry.Result.Topic));
        if (Source.HasListeners() && ActivityContext.TryParse(entry.Result.TraceParent, null, isRemote: true, out var parent) && entry.IsFirstDelivery())
        {
            Source.StartActivity(
                ActivityKind.Producer,
                parent,
                [
                    new("messaging.destination.name", entry.Result.Topic),
                    new("streams.run", entry.Result.Run),
                    new("streams.result.id", entry.Result.Id),
                    new("network.protocol.name", "sse")
                ],
                name: $"deliver {entry.Result.Topic}")?.Dispose();
        }
    }
}
