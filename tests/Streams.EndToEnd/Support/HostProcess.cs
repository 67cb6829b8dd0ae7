using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Streams.TestKit;

namespace Streams.EndToEnd.Support;

/// <summary>A <c>streams up</c> or <c>demo</c> process of its own, on free ports and in a folder of its own, that can be killed and started again.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);

    private readonly string[] _extra;
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;

    public HostProcess(params string[] extra)
    {
        _extra = extra;
        DataDirectory = Directory.CreateTempSubdirectory("streams-e2e-").FullName;
        var ports = LoopbackPorts.Free(5);
        (KafkaPort, RedisPort, DashboardPort, SiloPort, GatewayPort) = (ports[0], ports[1], ports[2], ports[3], ports[4]);
    }

    /// <summary>
    /// A hundred of them start in a test run, and most see no camera and end soon: their model is loaded when it is needed, and no code is profiled for a
    /// future that they do not have. Both together are a third of a start.
    /// </summary>
    public static IReadOnlyDictionary<string, string> CheapStart { get; } = new Dictionary<string, string>
    {
        ["Streams__Captioner__Load"] = "FirstClip",
        ["DOTNET_TieredPGO"] = "0",
    };

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "streams");

    /// <summary>Variables of its environment besides those of this process.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary><c>up</c>, or <c>demo</c>, which has a data folder of its own.</summary>
    public string Command { get; init; } = "up";

    public string DataDirectory { get; }

    public int KafkaPort { get; }

    public int RedisPort { get; }

    public int DashboardPort { get; }

    public int SiloPort { get; }

    public int GatewayPort { get; }

    public string Kafka => Environment.GetEnvironmentVariable("STREAMS_KAFKA") is { Length: > 0 } real ? real : $"127.0.0.1:{KafkaPort}";

    public string Url => $"http://127.0.0.1:{DashboardPort}";

    /// <summary>What the process has printed so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>It has ended, by itself or not.</summary>
    public bool HasExited => _process is { HasExited: true };

    /// <summary>The running process.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>SIGTERM; returns how long it took to end.</summary>
    public async Task<TimeSpan> TerminateAsync(TimeSpan limit)
    {
        var began = Stopwatch.GetTimestamp();
        await Signals.TerminateAsync(_process!.Id);
        await _process.WaitForExitAsync(new CancellationTokenSource(limit).Token);
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Starts the process and waits until it says that it is ready.</summary>
    public async Task<HostProcess> StartAsync()
    {
        Launch();
        return await ReadyAsync();
    }

    /// <summary>Starts the process.</summary>
    public void Launch()
    {
        string[] arguments =
        [
            Command, "--kafka-port", Text(KafkaPort), "--redis-port", Text(RedisPort), "--dashboard-url", Url,
            .. Command == "up" ? new[] { "--data-dir", DataDirectory } : [],
            "--set", $"Streams:Orleans:SiloPort={SiloPort}", "--set", $"Streams:Orleans:GatewayPort={GatewayPort}",
            .. Environment.GetEnvironmentVariable("STREAMS_KAFKA") is { Length: > 0 } real ? new[] { "--kafka", real } : [],
            .. _extra,
        ];
        _process = Process.Start(StartInfo(Variables, arguments))!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public async Task<HostProcess> ReadyAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.False(_process!.HasExited, $"the host ended with {(_process.HasExited ? _process.ExitCode : 0)}:\n{Output}");
                try
                {
                    return (await http.GetAsync(new Uri($"{Url}/health/ready"))).StatusCode == HttpStatusCode.OK;
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                {
                    return false;
                }
            },
            StartTimeout,
            () => $"the host is not ready:\n{Output}");
        return this;
    }

    /// <summary>Starts it again if it has ended, as a supervisor does: a silo that learns that it was declared dead ends its process.</summary>
    public Task SuperviseAsync() => _process!.HasExited ? StartAsync() : Task.CompletedTask;

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        Directory.Delete(DataDirectory, recursive: true);
    }

    /// <summary>Runs another command of the program to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        RunAsync(new Dictionary<string, string>(), arguments);

    /// <summary>The same, with variables of its environment besides those of this process.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(variables, arguments))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await error);
    }

    private static ProcessStartInfo StartInfo(IReadOnlyDictionary<string, string> variables, string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in CheapStart.Concat(variables))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
