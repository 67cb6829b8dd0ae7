using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Streams.EndToEnd.Support;

/// <summary>A real redis-server with an append-only file, on a free port.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streams-redis-").FullName;
    private readonly int _port = HostProcess.FreePorts(1)[0];
    private Process? _process;

    public string ConnectionString => $"127.0.0.1:{_port}";

    public int ProcessId => _process!.Id;

    /// <summary>Starts the server, also again after a kill, or skips the test and says why.</summary>
    public async Task<RedisServer> StartAsync()
    {
        try
        {
            _process = Process.Start(new ProcessStartInfo(
                "redis-server",
                [
                    "--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder,
                    "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no",
                ])
            { RedirectStandardOutput = true });
            _process!.BeginOutputReadLine();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("redis-server is not installed (apt-get install redis-server)");
        }

        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    using var client = new TcpClient();
                    await client.ConnectAsync("127.0.0.1", _port);
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(20),
            () => "redis-server does not listen");
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
        var file = Directory.EnumerateFiles(Path.Combine(_folder, "appendonlydir"), "*.incr.aof").Order(StringComparer.Ordinal).Last();
        using var stream = new FileStream(file, FileMode.Open);
        var lost = Math.Min((long)(stream.Length * share), most);
        stream.SetLength(stream.Length - lost);
        return lost;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
