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

    /// <summary>Starts the server, or skips the test and says why.</summary>
    public async Task<RedisServer> StartAsync()
    {
        try
        {
            _process = Process.Start(new ProcessStartInfo(
                "redis-server",
                ["--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder, "--appendonly", "yes", "--save", "", "--daemonize", "no"])
            { RedirectStandardOutput = true });
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

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
