using System.Diagnostics;
using System.Net;
using Streams.EndToEnd.Support;
using Streams.Schemas;

namespace Streams.EndToEnd.Faults;

/// <summary>What a host says of itself, and what the system says of it.</summary>
internal static class ClusterStatus
{
    /// <summary>Partitions of the source that it holds, by its metrics.</summary>
    public static async Task<int> PartitionsAsync(HostProcess host)
    {
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri($"{host.Url}/metrics"));
        return metrics.Split('\n').Count(line => line.Contains("lag_records", StringComparison.Ordinal) && !line.StartsWith('#') && line.Contains(Topics.LabelSamples, StringComparison.Ordinal));
    }

    public static async Task<bool> IsReadyAsync(HostProcess host)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        return (await http.GetAsync(new Uri($"{host.Url}/health/ready"))).StatusCode == HttpStatusCode.OK;
    }

    /// <summary>Resident bytes.</summary>
    public static long Memory(HostProcess host)
    {
        using var process = Process.GetProcessById(host.ProcessId);
        return process.WorkingSet64;
    }
}
