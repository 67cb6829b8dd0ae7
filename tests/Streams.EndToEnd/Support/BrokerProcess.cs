using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Streams.TestKit;

namespace Streams.EndToEnd.Support;

/// <summary><c>streams broker</c> in a process of its own, on a free port, that can be killed, ended in order and started again.</summary>
public sealed class BrokerProcess : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streams-broker-").FullName;
    private readonly int _port = LoopbackPorts.Free(1)[0];
    private Process? _process;

    public string BootstrapServers => $"127.0.0.1:{_port}";

    public int ProcessId => _process!.Id;

    public async Task<BrokerProcess> StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo(
            HostProcess.Program, ["broker", "--kafka-port", _port.ToString(CultureInfo.InvariantCulture), "--data-dir", _folder])
        { RedirectStandardOutput = true })!;
        _process.BeginOutputReadLine();
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
            TimeSpan.FromSeconds(30),
            () => "the broker does not listen");
        return this;
    }

    /// <summary>Ends it, by SIGTERM or by SIGKILL.</summary>
    public async Task StopAsync(bool clean)
    {
        if (clean)
        {
            await Signals.TerminateAsync(_process!.Id);
        }
        else
        {
            _process!.Kill();
        }

        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await StopAsync(clean: false);
        }

        Directory.Delete(_folder, recursive: true);
    }
}
