using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using SkiaSharp;
using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Video;
using Streams.Schemas;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.Tests.Sources.Video;

public sealed class VideoSourceTests : IDisposable
{
    private const string Bottle = "video/bottle-detection.mp4";
    private const string Car = "video/car-detection.mp4";
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Read_BottleAtTwoFrames_GivesEightyWholeJpegsAndAnEnd()
    {
        var source = await OpenAsync(SharedData.Find(Bottle));

        var records = await Records.AllAsync(source);

        var frames = records[..^1];
        Assert.InRange(frames.Count, 79, 81);
        Assert.InRange(source.ExpectedRecords!.Value, records.Count - 1, records.Count + 1);
        for (var i = 0; i < frames.Count; i++)
        {
            var frame = frames[i];
            Assert.Equal(Start.AddSeconds(i / 2.0), frame.Envelope.Time);
            Assert.Equal(EventTypes.VideoFrame, frame.Envelope.Type);
            Assert.Equal("image/jpeg", frame.Envelope.ContentType);
            Assert.Equal(Invariant($"gate/{EventTime.ToMicroseconds(frame.Envelope.Time)}/{i}"), frame.Envelope.Id);
            Assert.Equal(("gate", Topics.VideoFrames), (frame.Key, frame.Topic));
            Assert.Equal(
                ["jpeg", "640", "360", Invariant($"{i}"), "1", "2"],
                [frame.Header(Headers.Codec), frame.Header(Headers.Width), frame.Header(Headers.Height), frame.Header(Headers.Sequence), frame.Header(Headers.FrameCount), frame.Header(Headers.FrameRate)]);
            using var image = SKBitmap.Decode(frame.Value.ToArray());
            Assert.Equal((640, 360), (image.Width, image.Height));
        }

        var end = records[^1];
        Assert.Equal(EventTypes.VideoEnd, end.Envelope.Type);
        Assert.Null(end.Envelope.ContentType);
        Assert.True(end.Value.IsEmpty);
        Assert.Equal(Start.AddSeconds(frames.Count / 2.0), end.Envelope.Time);
        Assert.Equal(Invariant($"{frames.Count}"), end.Header(Headers.Sequence));
        Assert.Equal(records.Count, records.Select(record => record.Envelope.Id).Distinct().Count());
    }

    [Fact]
    public async Task Read_VideoWithSound_GivesPicturesScaledDownToEvenSizes()
    {
        // 768x432 at a width of 301: 300 and 168.75 become 300 and 168.
        var source = await OpenAsync(SharedData.Find(Car), options => options with { FramesPerSecond = 0.5, MaxWidth = 301 });

        var records = await Records.AllAsync(source);

        Assert.InRange(records.Count - 1, 14, 16);
        using var image = SKBitmap.Decode(records[0].Value.ToArray());
        Assert.Equal((300, 168), (image.Width, image.Height));
        Assert.Equal(("300", "168"), (records[0].Header(Headers.Width), records[0].Header(Headers.Height)));
    }

    [Fact]
    public async Task Read_NarrowerThanMaxWidth_IsNotScaledUp()
    {
        var source = await OpenAsync(SharedData.Find(Bottle), options => options with { FramesPerSecond = 0.1, MaxWidth = 1920 });

        Assert.Equal("640", (await Records.AllAsync(source))[0].Header(Headers.Width));
    }

    [Fact]
    public async Task Read_Twice_GivesTheSameIds()
    {
        var source = await OpenAsync(SharedData.Find(Bottle), options => options with { FramesPerSecond = 0.2 });

        Assert.Equal(
            (await Records.AllAsync(source)).Select(record => record.Envelope.Id),
            (await Records.AllAsync(source)).Select(record => record.Envelope.Id));
    }

    [Fact]
    public async Task Read_ConsumerSlowerThanFFmpeg_LosesNothing()
    {
        var source = await OpenAsync(SharedData.Find(Bottle), options => options with { FramesPerSecond = 0.5, MaxWidth = 64 });
        var records = new List<SourceRecord>();

        await foreach (var record in source.ReadAsync(TestContext.Current.CancellationToken))
        {
            if (records.Count == 0)
            {
                // All of this small output fits into the socket: ffmpeg is gone long before it is read.
                await source.Running!.Exited.WaitAsync(TestContext.Current.CancellationToken);
            }

            records.Add(record);
        }

        Assert.InRange(records.Count - 1, 19, 21);
        Assert.Equal(EventTypes.VideoEnd, records[^1].Envelope.Type);
    }

    [Fact]
    public async Task Read_RealTime_WaitsForTheCaptureTime()
    {
        var time = new WatchedTime();
        var source = await OpenAsync(SharedData.Find(Bottle), options => options with { RealTime = true, Start = null, MaxWidth = 64 }, time);
        await using var records = source.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.True(await records.MoveNextAsync());
        Assert.Equal(time.GetUtcNow(), records.Current.Envelope.Time);
        for (var i = 1; i <= 3; i++)
        {
            var next = records.MoveNextAsync().AsTask();
            Assert.Equal(TimeSpan.FromMilliseconds(500), await time.NextTimer.WaitAsync(TestContext.Current.CancellationToken));
            Assert.False(next.IsCompleted);
            time.Advance(TimeSpan.FromMilliseconds(500));
            Assert.True(await next);
            Assert.Equal(time.GetUtcNow(), records.Current.Envelope.Time);
        }
    }

    [Fact]
    public async Task Read_Cancelled_EndsFFmpegAndLeavesNoZombie()
    {
        var copy = Path.Combine(_temp.Folder, "cancel.mp4");
        File.Copy(SharedData.Find(Bottle), copy);
        var source = await OpenAsync(copy, options => options with { FramesPerSecond = 30 });
        using var stop = new CancellationTokenSource();
        var (count, process) = (0, 0);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in source.ReadAsync(stop.Token))
            {
                if (++count == 5)
                {
                    process = Assert.Single(ProcessesNaming(copy));
                    await stop.CancelAsync();
                }
            }
        });

        Assert.Equal(5, count);
        Assert.False(Directory.Exists(Invariant($"/proc/{process}")), $"process {process} is still there");
    }

    [Fact]
    public async Task Read_ConsumerLeaves_EndsFFmpeg()
    {
        var copy = Path.Combine(_temp.Folder, "leave.mp4");
        File.Copy(SharedData.Find(Bottle), copy);
        var source = await OpenAsync(copy, options => options with { FramesPerSecond = 30 });
        var process = 0;

        await foreach (var _ in source.ReadAsync(TestContext.Current.CancellationToken))
        {
            process = Assert.Single(ProcessesNaming(copy));
            break;
        }

        Assert.False(Directory.Exists(Invariant($"/proc/{process}")), $"process {process} is still there");
    }

    private static IEnumerable<int> ProcessesNaming(string path) => Directory.EnumerateDirectories("/proc")
        .Select(Path.GetFileName)
        .Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        .Where(name =>
        {
            try
            {
                return File.ReadAllText($"/proc/{name}/cmdline").Contains(path, StringComparison.Ordinal);
            }
            catch (IOException)
            {
                // Gone meanwhile.
                return false;
            }
        })
        .Select(name => int.Parse(name!, CultureInfo.InvariantCulture));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static Task<VideoSource> OpenAsync(string path, Func<VideoSourceOptions, VideoSourceOptions>? change = null, TimeProvider? time = null)
    {
        FFmpeg.SkipWithout();
        var options = new VideoSourceOptions { Camera = "gate", Source = path, FramesPerSecond = 2, Start = Start };
        return VideoSource.OpenAsync(change?.Invoke(options) ?? options, time ?? new FakeTimeProvider(), TestContext.Current.CancellationToken);
    }

    /// <summary>Fake time that tells of each timer set, so that a test knows when the source waits.</summary>
    private sealed class WatchedTime : FakeTimeProvider
    {
        private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

        public Task<TimeSpan> NextTimer => _timers.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _timers.Writer.TryWrite(dueTime);
            return timer;
        }
    }
}
