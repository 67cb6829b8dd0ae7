using FFMpegCore;
using FFMpegCore.Enums;

namespace Streams.Ingest.Sources.Video;

/// <summary>One ffmpeg process and its output. Disposing ends the process and waits until it is gone.</summary>
internal sealed class FFmpegRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SocketOutput _socket = new();

    private FFmpegRun(FFMpegArguments input, Action<FFMpegOutputOptions> output, string folder, FFMpegLogLevel level) =>
        Exited = input.OutputTo(_socket, output)
            .WithLogLevel(level)
            .ProcessAsynchronously(throwOnError: false, FFmpegTools.Options(folder), _stop.Token);

    /// <summary>Exit code and messages.</summary>
    public Task<FFMpegResult> Exited { get; }

    public static FFmpegRun Start(FFMpegArguments input, Action<FFMpegOutputOptions> output, string folder, FFMpegLogLevel level) =>
        new(input, output, folder, level);

    /// <summary>ffmpeg's output; null when it ended without any.</summary>
    public async Task<Stream?> ConnectAsync(CancellationToken ct)
    {
        var first = await Task.WhenAny(_socket.Connected, Exited).WaitAsync(ct);
        if (first == Exited && !_socket.Connected.IsCompleted)
        {
            // Could not be started at all: the reason is in there.
            await Exited;
            return null;
        }

        return await _socket.Connected;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // Frees an ffmpeg that waits for its output to be taken.
        _socket.Dispose();
        await Exited.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _socket.Dispose();
        _stop.Dispose();
    }
}
