using System.Net.Sockets;
using System.Text;

namespace Streams.Benchmarks.Sse;

/// <summary>
/// Many live connections. Each follows one key, as a dashboard's page does; the slow ones read a few bytes a second through a small buffer, so that what
/// is sent to them piles up wherever it can.
/// </summary>
internal sealed class SseClients : IAsyncDisposable
{
    private const int SlowBytes = 64;
    private static readonly TimeSpan SlowPause = TimeSpan.FromSeconds(1);

    private readonly List<Socket> _sockets = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _reading = [];
    private long _bytes;
    private long _events;

    /// <summary>Bytes that the fast ones have received.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Results that the fast ones have received.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <summary>Opens them, and returns when all have been answered.</summary>
    public static async Task<SseClients> OpenAsync(Uri host, int count, int slow, Func<int, string> key)
    {
        var clients = new SseClients();
        for (var i = 0; i < count; i++)
        {
            var isSlow = i < slow;
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            if (isSlow)
            {
                socket.ReceiveBufferSize = 2_048;
            }

            await socket.ConnectAsync(host.Host, host.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes(
                $"GET /api/live?topic=sensor.imputed&key={key(i)} HTTP/1.1\r\nHost: {host.Authority}\r\nAccept: text/event-stream\r\n\r\n"));
            var first = new byte[1];
            if (await socket.ReceiveAsync(first) == 0)
            {
                throw new InvalidOperationException($"connection {i} was closed without an answer");
            }

            clients._sockets.Add(socket);
            clients._reading.Add(isSlow ? clients.ReadSlowlyAsync(socket) : clients.ReadAsync(socket));
        }

        return clients;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_reading);
        _sockets.ForEach(socket => socket.Dispose());
        _stop.Dispose();
    }

    private async Task ReadAsync(Socket socket)
    {
        var buffer = new byte[4_096];
        try
        {
            while (await socket.ReceiveAsync(buffer, _stop.Token) is var got and > 0)
            {
                Interlocked.Add(ref _bytes, got);
                Interlocked.Add(ref _events, Count(buffer.AsSpan(0, got)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task ReadSlowlyAsync(Socket socket)
    {
        var buffer = new byte[SlowBytes];
        try
        {
            while (await socket.ReceiveAsync(buffer, _stop.Token) > 0)
            {
                await Task.Delay(SlowPause, _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
        }
    }

    // An event's JSON begins so once, and an event that lies over two reads is too seldom to matter.
    private static int Count(ReadOnlySpan<byte> text) => text.Count("data: {\"id\""u8);
}
