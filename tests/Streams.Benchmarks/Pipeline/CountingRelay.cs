using System.Net;
using System.Net.Sockets;
using Streams.TestKit;

namespace Streams.Benchmarks.Pipeline;

/// <summary>Stands between a broker and its clients and counts what the broker sends.</summary>
internal sealed class CountingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _accepting;
    private long _received;

    public CountingRelay()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Where the broker has to listen.</summary>
    public int TargetPort { get; } = LoopbackPorts.Free(1)[0];

    /// <summary>Bytes from the broker to its clients.</summary>
    public long Received => Interlocked.Read(ref _received);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_ended.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, TargetPort, _ended.Token);
                await Task.WhenAny(CopyAsync(client.GetStream(), server.GetStream(), counted: false), CopyAsync(server.GetStream(), client.GetStream(), counted: true));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
            {
                // The other side will notice.
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool counted)
    {
        var buffer = new byte[256 * 1024];
        for (int read; (read = await from.ReadAsync(buffer, _ended.Token)) > 0;)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), _ended.Token);
            if (counted)
            {
                Interlocked.Add(ref _received, read);
            }
        }
    }
}
