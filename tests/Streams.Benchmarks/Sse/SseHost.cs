using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Streams.TestKit;

namespace Streams.Benchmarks.Sse;

/// <summary>The built <c>streams up</c> as a process of its own, with its embedded broker and Redis, on free ports and in a folder that goes with it.</summary>
internal sealed partial class SseHost : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private readonly string _folder;
    private readonly Process _process;
    private readonly HttpClient _http;

    private SseHost(Process process, string url, string kafka, string folder)
    {
        (_process, Url, Kafka, _folder) = (process, url, kafka, folder);
        _http = new HttpClient { BaseAddress = new Uri(url) };
    }

    public string Url { get; }

    public string Kafka { get; }

    /// <summary>Resident memory, in bytes.</summary>
    public long Memory => long.Parse(Rss().Match(File.ReadAllText($"/proc/{_process.Id}/status")).Groups[1].Value, CultureInfo.InvariantCulture) * 1024;

    /// <summary>Processor time spent so far.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<SseHost> StartAsync()
    {
        var program = Path.Combine(Root(), "infra", "Streams.Host", "bin", "Release", "net10.0", "linux-x64", "streams");
        if (!File.Exists(program))
        {
            throw new FileNotFoundException($"{program} is not there; build it: dotnet build -c Release infra/Streams.Host");
        }

        var ports = LoopbackPorts.Free(5);
        var folder = Directory.CreateTempSubdirectory("streams-sse-").FullName;
        var url = $"http://127.0.0.1:{ports[2]}";
        var process = Process.Start(new ProcessStartInfo(program, [
            "up", "--kafka-port", $"{ports[0]}", "--redis-port", $"{ports[1]}", "--dashboard-url", url, "--data-dir", folder,
            "--set", $"Streams:Orleans:SiloPort={ports[3]}", "--set", $"Streams:Orleans:GatewayPort={ports[4]}",
            "--set", "Streams:Security:RequestsPerSecond=1000000", "--set", "Streams:Captioner:Device=cpu"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        // Read to the end: a pipe that nobody empties would stop the host.
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var host = new SseHost(process, url, $"127.0.0.1:{ports[0]}", folder);
        for (var began = Stopwatch.GetTimestamp(); !await host.IsReadyAsync(); await Task.Delay(200))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(began) > StartTimeout)
            {
                throw new InvalidOperationException($"the host did not come up ({program} up)");
            }
        }

        return host;
    }

    /// <summary>Readings that grains have taken.</summary>
    public async Task<long> AppliedAsync() => Sum(await _http.GetStringAsync("/metrics"), "streams_records_applied_total");

    /// <summary>Results that are in Redis.</summary>
    public async Task<long> ProjectedAsync() => Sum(await _http.GetStringAsync("/metrics"), "streams_results_projected_total");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static long Sum(string metrics, string name) => metrics.Split('\n')
        .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains("\"sensor.", StringComparison.Ordinal))
        .Sum(line => (long)double.Parse(line.Split("} ")[1].Split(' ')[0], CultureInfo.InvariantCulture));

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Streams.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"no Streams.sln above {AppContext.BaseDirectory}");
        }

        return folder;
    }

    [GeneratedRegex(@"VmRSS:\s+(\d+)")]
    private static partial Regex Rss();
}
