using System.Net;
using System.Net.Sockets;
using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Video;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.Tests.Sources.Video;

public sealed class VideoSourceFaultTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Open_BadOptions_NameOptionValueAndRange()
    {
        var path = _temp.File("x.mp4", "x");
        await RefusedAsync(o => o with { FramesPerSecond = 0 }, "FramesPerSecond is 0; give 0.01 to 120");
        await RefusedAsync(o => o with { FramesPerSecond = 121 }, "FramesPerSecond is 121; give 0.01 to 120");
        await RefusedAsync(o => o with { FramesPerSecond = double.NaN }, "FramesPerSecond is NaN; give 0.01 to 120");
        await RefusedAsync(o => o with { JpegQuality = 1 }, "JpegQuality is 1; give 2 to 31");
        await RefusedAsync(o => o with { SegmentQuality = 52 }, "SegmentQuality is 52; give 0 to 51");
        await RefusedAsync(o => o with { SegmentFrames = 0 }, "SegmentFrames is 0; give 1 to 1000");
        await RefusedAsync(o => o with { MaxWidth = 8 }, "MaxWidth is 8; give 16 to 16384");
        await RefusedAsync(o => o with { Camera = "" }, "Camera is missing");
        await RefusedAsync(o => o with { Camera = new string('x', 600) }, "Camera has 600 bytes");
        await RefusedAsync(o => o with { Codec = (VideoSourceCodec)9 }, "Codec is 9; give Jpeg or H264");
        await RefusedAsync(o => o with { ReadTimeout = TimeSpan.Zero }, "ReadTimeout is 00:00:00; give 00:00:01 to 00:10:00");
        await RefusedAsync(o => o with { Source = "rtsp://bad host/ x" }, "is not a URL");
        await RefusedAsync(o => o with { Source = "a\"b.mp4" }, "quotation mark");

        async Task RefusedAsync(Func<VideoSourceOptions, VideoSourceOptions> change, string expected) =>
            Assert.Contains(expected, (await Assert.ThrowsAsync<SourceException>(() => OpenAsync(path, change))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FolderWithoutFFmpeg_SaysWhatToInstall()
    {
        var path = _temp.File("x.mp4", "x");

        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(path, o => o with { FFmpegFolder = _temp.Folder }));

        Assert.Contains(_temp.Folder, e.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install ffmpeg", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Locate_NotInPath_SaysWhatToInstall()
    {
        var e = Assert.Throws<SourceException>(() => FFmpegTools.Locate(null, $"{_temp.Folder}{Path.PathSeparator}relative"));

        Assert.Contains("apt-get install ffmpeg", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FFmpegThatCannotRun_IsTyped()
    {
        _temp.File("ffmpeg", "no program");
        _temp.File("ffprobe", "no program");

        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(_temp.File("x.mp4", "x"), o => o with { FFmpegFolder = _temp.Folder }));

        Assert.Contains("install ffmpeg", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_NotThere_SaysWhere()
    {
        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(Path.Combine(_temp.Folder, "no.mp4")));

        Assert.Contains("no.mp4' does not exist", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_Directory_IsRefused()
    {
        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(_temp.Folder));

        Assert.Contains("is a directory", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("notes.txt", "Some lines of text.\nFor ffmpeg a film of a terminal.\n")]
    [InlineData("notes.mp4", "Some lines of text.\nNo film at all.\n")]
    [InlineData("empty.mp4", "")]
    public async Task Open_NotAVideo_SaysSo(string name, string text)
    {
        FFmpeg.SkipWithout();
        var path = _temp.File(name, text);

        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(path));

        Assert.Contains($"'{path}' is not a video", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_SoundOnly_SaysSo()
    {
        FFmpeg.SkipWithout();
        // One second of silence: 8 kHz, 8 bits, one channel.
        byte[] wav = [.. "RIFF"u8, 0x64, 0x1F, 0, 0, .. "WAVEfmt "u8, 16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x40, 0x1F, 0, 0, 1, 0, 8, 0, .. "data"u8, 0x40, 0x1F, 0, 0, .. new byte[8000]];

        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(_temp.File("sound.wav", wav)));

        Assert.Contains("it has sound only", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_BrokenOffBeforeItsIndex_SaysSo()
    {
        FFmpeg.SkipWithout();
        var bytes = await File.ReadAllBytesAsync(SharedData.Find("video/bottle-detection.mp4"), TestContext.Current.CancellationToken);

        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(_temp.File("cut.mp4", bytes.AsSpan(0, bytes.Length * 6 / 10))));

        Assert.Contains("is not a video that ffmpeg can read", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0x", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_BrokenOff_GivesWhatCameBeforeAndThenFails()
    {
        FFmpeg.SkipWithout();
        var bytes = await File.ReadAllBytesAsync(SharedData.Find("video/car-detection.mp4"), TestContext.Current.CancellationToken);
        var path = _temp.File("cut.mp4", bytes.AsSpan(0, bytes.Length * 6 / 10));

        var (records, fault) = await ReadAsync(await OpenAsync(path));

        Assert.Contains($"'{path}' is damaged after frame {records.Count}", fault!.Message, StringComparison.Ordinal);
        Assert.Contains("partial file", fault.Message, StringComparison.Ordinal);
        Assert.InRange(records.Count, 20, 50);
        Assert.All(records, record => Assert.Equal(EventTypes.VideoFrame, record.Envelope.Type));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_DamagedInTheMiddle_FailsUnlessToldToGoOn(bool ignore)
    {
        FFmpeg.SkipWithout();
        var bytes = await File.ReadAllBytesAsync(SharedData.Find("video/car-detection.mp4"), TestContext.Current.CancellationToken);
        new Random(1).NextBytes(bytes.AsSpan(bytes.Length / 2, 20_000));

        var (records, fault) = await ReadAsync(await OpenAsync(_temp.File("hole.mp4", bytes), o => o with { IgnoreDamage = ignore }));

        Assert.NotEmpty(records);
        if (ignore)
        {
            Assert.Null(fault);
            Assert.InRange(records.Count - 1, 55, 62);
            Assert.Equal(EventTypes.VideoEnd, records[^1].Envelope.Type);
        }
        else
        {
            Assert.Contains("is damaged after frame", fault!.Message, StringComparison.Ordinal);
            Assert.Contains("set IgnoreDamage", fault.Message, StringComparison.Ordinal);
            Assert.InRange(records.Count, 1, 50);
        }
    }

    [Fact]
    public async Task Read_StreamThatNobodyServes_SaysSo()
    {
        FFmpeg.SkipWithout();
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var url = $"http://{closed.LocalEndpoint}/camera";
        closed.Stop();

        var source = await OpenAsync(url);
        var (records, fault) = await ReadAsync(source);

        Assert.Null(source.ExpectedRecords);
        Assert.Empty(records);
        Assert.Contains($"'{url}' gives no frame", fault!.Message, StringComparison.Ordinal);
        Assert.Contains("refused", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_StreamOverHttp_GivesFramesAndAnEnd()
    {
        FFmpeg.SkipWithout();
        var bytes = await File.ReadAllBytesAsync(SharedData.Find("video/car-detection.mp4"), TestContext.Current.CancellationToken);
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var serving = ServeOnceAsync(server, bytes);

        var (records, fault) = await ReadAsync(await OpenAsync($"http://{server.LocalEndpoint}/camera.mp4"));

        Assert.Null(fault);
        Assert.InRange(records.Count - 1, 59, 61);
        await serving;
    }

    private static async Task ServeOnceAsync(TcpListener server, byte[] body)
    {
        using var client = await server.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        using (var request = new StreamReader(stream, leaveOpen: true))
        {
            while (await request.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 })
            {
                // Up to the empty line.
            }
        }

        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await stream.WriteAsync(body, TestContext.Current.CancellationToken);
    }

    private static async Task<(List<SourceRecord> Records, SourceException? Fault)> ReadAsync(VideoSource source)
    {
        var records = new List<SourceRecord>();
        try
        {
            await foreach (var record in source.ReadAsync(TestContext.Current.CancellationToken))
            {
                records.Add(record);
            }
        }
        catch (SourceException e)
        {
            return (records, e);
        }

        return (records, null);
    }

    private static Task<VideoSource> OpenAsync(string source, Func<VideoSourceOptions, VideoSourceOptions>? change = null)
    {
        var options = new VideoSourceOptions { Camera = "gate", Source = source };
        return VideoSource.OpenAsync(change?.Invoke(options) ?? options, TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
