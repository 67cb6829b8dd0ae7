using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Streams.Benchmarks.Pipeline;

/// <summary>The host's web interface, as a dashboard uses it.</summary>
internal static partial class Web
{
    /// <summary>Returns when the host says that it is ready.</summary>
    public static async Task ReadyAsync(string url, Child host)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var began = Stopwatch.GetTimestamp(); !host.HasExited && Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(90); await timer.WaitForNextTickAsync())
        {
            try
            {
                if ((await http.GetAsync(new Uri($"{url}/health/ready"))).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Not yet.
            }
        }

        throw new InvalidOperationException("the host did not become ready");
    }

    /// <summary>
    /// Follows the live results of a topic and keeps when each came, by partition and offset of the record that led to it. Completes the
    /// inner task at the end.
    /// </summary>
    public static async Task FollowAsync(string url, string topic, ConcurrentDictionary<(int Partition, long Offset), long> seen, TaskCompletionSource connected, CancellationToken ct)
    {
        try
        {
            using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
            using var reader = new StreamReader(await http.GetStreamAsync(new Uri($"{url}/api/live?topic={topic}"), ct));
            while (await reader.ReadLineAsync(ct) is { } line)
            {
                connected.TrySetResult();
                var now = Stopwatch.GetTimestamp();
                if (line.StartsWith("data:", StringComparison.Ordinal) && ResultId().Match(line) is { Success: true } id)
                {
                    seen.TryAdd((int.Parse(id.Groups[1].ValueSpan), long.Parse(id.Groups[2].ValueSpan)), now);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException || ct.IsCancellationRequested)
        {
            // The end.
        }
    }

    [GeneratedRegex("\"id\":\"live/[a-z.]+/([0-9]+)/([0-9]+)/[0-9]+\"")]
    private static partial Regex ResultId();
}
