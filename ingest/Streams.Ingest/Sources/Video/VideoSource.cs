using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using FFMpegCore;
using FFMpegCore.Enums;
using Streams.Schemas;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.Sources.Video;

/// <summary>
/// A video file or stream as records of <see cref="Topics.VideoFrames"/>, decoded by ffmpeg. The last record,
/// <see cref="EventTypes.VideoEnd"/>, says that no more will come. Memory stays within two records however slowly they are taken.
/// </summary>
public sealed class VideoSource : IRecordSource
{
    private readonly VideoSourceOptions _options;
    private readonly TimeProvider _time;
    private readonly string _source;
    private readonly string _folder;
    private readonly bool _live;

    private VideoSource(VideoSourceOptions options, TimeProvider time, string source, string folder, bool live, TimeSpan length)
    {
        (_options, _time, _source, _folder, _live) = (options, time, source, folder, live);
        if (length > TimeSpan.Zero)
        {
            var frames = Math.Max(1, (long)Math.Round(length.TotalSeconds * options.FramesPerSecond));
            var perRecord = options.Codec == VideoSourceCodec.Jpeg ? 1 : options.SegmentFrames;
            ExpectedRecords = ((frames + perRecord - 1) / perRecord) + 1;
        }
    }

    /// <inheritdoc/>
    public long? ExpectedRecords { get; }

    /// <summary>ffmpeg's process while it runs, for tests that need to know its end.</summary>
    internal FFmpegRun? Running { get; private set; }

    /// <summary>Checks the options, that ffmpeg is installed, and that a file is a video. A stream is contacted when it is read.</summary>
    /// <exception cref="SourceException">One of them is wrong.</exception>
    public static async Task<VideoSource> OpenAsync(VideoSourceOptions options, TimeProvider time, CancellationToken ct = default)
    {
        OptionsCheck.Annotations(options);
        OptionsCheck.Key(nameof(options.Camera), options.Camera);
        if (!Enum.IsDefined(options.Codec))
        {
            throw new SourceException($"Codec is {options.Codec}; give {nameof(VideoSourceCodec.Jpeg)} or {nameof(VideoSourceCodec.H264)}");
        }

        if (options.Source.Contains('"', StringComparison.Ordinal) || options.Source.EndsWith('\\'))
        {
            throw new SourceException($"Source '{options.Source}' has a quotation mark or ends in a backslash, which ffmpeg would not get; rename the file, or write %22 in a URL");
        }

        var live = options.Source.Contains("://", StringComparison.Ordinal);
        if (live && !Uri.IsWellFormedUriString(options.Source, UriKind.Absolute))
        {
            throw new SourceException($"Source '{options.Source}' is not a URL; give for instance rtsp://host/path, or the path of a file");
        }

        var source = live ? options.Source : OptionsCheck.File(nameof(options.Source), options.Source, "a video file");
        var folder = FFmpegTools.Locate(options.FFmpegFolder);
        var length = live ? TimeSpan.Zero : await VideoProbe.LengthAsync(source, folder, ct);
        return new VideoSource(options, time, source, folder, live, length);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceRecord> ReadAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        var strict = !_live && !_options.IgnoreDamage;
        await using var run = FFmpegRun.Start(
            VideoArguments.Input(_options, _source, _live),
            output => VideoArguments.Output(_options, output),
            _folder,
            // FFMpegCore keeps every line that ffmpeg writes: a camera that stutters for a week must not write any.
            strict ? FFMpegLogLevel.Error : FFMpegLogLevel.Fatal);
        Running = run;
        var start = EventTime.FromMicroseconds(EventTime.ToMicroseconds(_options.Start ?? _time.GetUtcNow()));
        var pacer = new Pacer(_time);
        long frames = 0;
        long sequence = 0;
        if (await ConnectAsync(run, ct) is { } output)
        {
            var reader = Reader(output);
            while (await reader.ReadAsync(ct) is { } unit)
            {
                var record = Frame(unit, CaptureTime(start, frames), sequence++);
                if (_options.RealTime)
                {
                    await pacer.WaitAsync(record.Envelope.Time, ct);
                }

                yield return record;
                frames += unit.Frames;
            }
        }

        await CheckEndAsync(await run.Exited.WaitAsync(ct), frames, strict, ct);
        yield return End(CaptureTime(start, frames), sequence);
    }

    private async Task<Stream?> ConnectAsync(FFmpegRun run, CancellationToken ct)
    {
        try
        {
            return await run.ConnectAsync(ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new SourceException($"ffmpeg in {_folder} cannot be started ({e.Message}); install ffmpeg anew", e);
        }
    }

    private UnitReader Reader(Stream output) => _options.Codec == VideoSourceCodec.Jpeg
        ? new JpegReader(output, Publishing.RecordPublisher.MaxValueBytes)
        : new H264Reader(output, Publishing.RecordPublisher.MaxValueBytes);

    private async Task CheckEndAsync(FFMpegResult result, long frames, bool strict, CancellationToken ct)
    {
        if (result.StandardError.Any(line => line.Contains("Unknown encoder", StringComparison.Ordinal)))
        {
            throw new SourceException($"ffmpeg in {_folder} lacks an encoder ({VideoProbe.LastWords(result.StandardError, "")}); install a full ffmpeg or choose the other Codec");
        }

        // Of a file that breaks off ffmpeg says so, and reports success all the same.
        if (strict && frames > 0 && (!result.Success || result.StandardError.Count > 0))
        {
            var words = result.StandardError.Count > 0 ? VideoProbe.Clean(result.StandardError[0]) : $"exit code {result.ExitCode}";
            throw new SourceException(
                $"'{_source}' is damaged after frame {frames} ({words}); repair it, or set IgnoreDamage to publish what still decodes");
        }

        if (frames == 0 || (_live && !result.Success))
        {
            var reason = result.StandardError.Count == 0 && _live ? await VideoProbe.StreamFaultAsync(_source, _folder, ct) : null;
            reason ??= VideoProbe.LastWords(result.StandardError, $"exit code {result.ExitCode}");
            throw new SourceException(frames == 0
                ? $"'{_source}' gives no frame ({reason}); check that it can be reached and is a video"
                : $"'{_source}' broke off after frame {frames} ({reason}); check the camera and the network, then start again");
        }
    }

    private DateTimeOffset CaptureTime(DateTimeOffset start, long frame) =>
        start.AddTicks((long)Math.Round(frame * 1_000_000d / _options.FramesPerSecond) * TimeSpan.TicksPerMicrosecond);

    private SourceRecord Frame(MediaUnit unit, DateTimeOffset time, long sequence)
    {
        var jpeg = _options.Codec == VideoSourceCodec.Jpeg;
        return new SourceRecord(
            Topics.VideoFrames,
            _options.Camera,
            Envelope(EventTypes.VideoFrame, time, sequence, jpeg ? "image/jpeg" : "video/h264"),
            [
                Header(Headers.Codec, jpeg ? "jpeg" : "h264"),
                Header(Headers.Width, unit.Width),
                Header(Headers.Height, unit.Height),
                Header(Headers.Sequence, sequence),
                Header(Headers.FrameCount, unit.Frames),
                Header(Headers.FrameRate, _options.FramesPerSecond),
            ],
            unit.Bytes);
    }

    private SourceRecord End(DateTimeOffset time, long sequence) => new(
        Topics.VideoFrames,
        _options.Camera,
        Envelope(EventTypes.VideoEnd, time, sequence, contentType: null),
        [Header(Headers.Sequence, sequence)],
        ReadOnlyMemory<byte>.Empty);

    // The capture time keeps apart what a camera sent today and what it sent yesterday under the same numbers.
    private EventEnvelope Envelope(string type, DateTimeOffset time, long sequence, string? contentType) => new(
        string.Create(CultureInfo.InvariantCulture, $"{_options.Camera}/{EventTime.ToMicroseconds(time)}/{sequence}"),
        $"/cameras/{Uri.EscapeDataString(_options.Camera)}",
        type,
        time,
        ContentType: contentType);

    private static KeyValuePair<string, byte[]> Header(string name, IFormattable value) =>
        Header(name, value.ToString(null, CultureInfo.InvariantCulture));

    private static KeyValuePair<string, byte[]> Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
