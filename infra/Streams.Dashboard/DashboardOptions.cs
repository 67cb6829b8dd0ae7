using System.ComponentModel.DataAnnotations;

namespace Streams.Dashboard;

/// <summary>Settings of the dashboard's interface.</summary>
public sealed class DashboardOptions
{
    /// <summary>Silence after which a live connection is sent a heartbeat, which keeps proxies from closing it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Live connections at a time; one more is answered 503.</summary>
    [Range(1, 100_000)]
    public int MaxLiveConnections { get; set; } = 2_000;
}
