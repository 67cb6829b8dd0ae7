using System.Net.Sockets;
using FFMpegCore;
using FFMpegCore.Arguments;

namespace Streams.Ingest.Sources.Video;

/// <summary>
/// Where ffmpeg writes to. FFMpegCore's own pipe is closed the moment ffmpeg exits, and what a slow reader had not yet taken is lost
/// (seen: 8 % of the bytes, with a report of success). This socket is ours until everything is read.
/// </summary>
internal sealed class SocketOutput : IOutputArgument, IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"streams-{Guid.NewGuid():N}.sock");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly TaskCompletionSource<Stream?> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>ffmpeg's output; null when ffmpeg ended before it wrote any.</summary>
    public Task<Stream?> Connected => _connected.Task;

    public string Text => $"-y \"unix:{_path}\"";

    public void Pre(FFOptions options)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen(1);
    }

    public async Task During(CancellationToken exited = default)
    {
        try
        {
            _connected.SetResult(new NetworkStream(await _listener.AcceptAsync(exited), ownsSocket: true));
        }
        catch (OperationCanceledException)
        {
            // A short video's ffmpeg may come and go before it is let in; its bytes wait in the queue.
            _connected.SetResult(_listener.Poll(0, SelectMode.SelectRead) ? new NetworkStream(_listener.Accept(), ownsSocket: true) : null);
        }
    }

    public void Post()
    {
        // ffmpeg is gone; its output is not.
    }

    public void Dispose()
    {
        _listener.Dispose();
        if (_connected.Task.IsCompletedSuccessfully)
        {
            _connected.Task.Result?.Dispose();
        }

        File.Delete(_path);
    }
}
