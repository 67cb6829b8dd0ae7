using System.Diagnostics;
using System.Globalization;

namespace Streams.TestKit.Redis;

/// <summary>A real redis-server with an append-only file, in a process, on a free port and in a folder of its own, that can be killed and started again.</summary>
/// <param name="appendFsync">When the file is flushed: <c>everysec</c> as in production, or <c>always</c>.</param>
/// <param name="guard">What it asks of its clients; nothing by default.</param>
public sealed class RedisServer(string appendFsync = "everysec", RedisGuard? guard = null) : IAsyncDisposable
{
    /// <summary>Why a test that needs it was skipped.</summary>
    public const string Remedy = "redis-server is not installed (apt-get install redis-server)";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("streams-redis-").FullName;
    private readonly int _port = LoopbackPorts.Free(1)[0];
    private Process? _process;

    public static bool IsInstalled { get; } =
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "redis-server")));

    public string ConnectionString => $"127.0.0.1:{_port}";

    public int ProcessId => _process!.Id;

    /// <summary>Bytes of the append-only file that hold what came since the start.</summary>
    public long FileLength => new FileInfo(AppendOnlyFile).Length;

    private string AppendOnlyFile => Directory.EnumerateFiles(Path.Combine(_folder, "appendonlydir"), "*.incr.aof").Order(StringComparer.Ordinal).Last();

    /// <summary>Starts the server, also again after a kill, and waits until it has read its file.</summary>
    public async Task<RedisServer> StartAsync()
    {
        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo(
            "redis-server",
            [
                "--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder,
                "--appendonly", "yes", "--appendfsync", appendFsync, "--save", "", "--daemonize", "no",
                .. guard?.Arguments(_port) ?? [],
            ])
        { RedirectStandardOutput = true })!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var last = "";
        _process.OutputDataReceived += (_, line) =>
        {
            last = line.Data ?? last;
            if (line.Data is null)
            {
                ready.TrySetException(new InvalidOperationException($"redis-server ended: {last}"));
            }
            else if (line.Data.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
        };

        // Read to the end: a pipe that nobody empties would stop the server in the middle of a test.
        _process.BeginOutputReadLine();
        await ready.Task.WaitAsync(StartTimeout);
        return this;
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>
    /// Takes the newest bytes off the append-only file of a killed server, as when they had not reached the disk: a process alone that is killed
    /// loses nothing, a machine does.
    /// </summary>
    public long LoseTail(double share, long most)
    {
        var length = FileLength;
        var lost = Math.Min((long)(length * share), most);
        Truncate(length - lost);
        return lost;
    }

    /// <summary>Cuts the append-only file of a killed server to <paramref name="length"/> bytes.</summary>
    public void Truncate(long length)
    {
        using var stream = new FileStream(AppendOnlyFile, FileMode.Open);
        stream.SetLength(length);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            if (!_process.HasExited)
            {
                await KillAsync();
            }

            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
