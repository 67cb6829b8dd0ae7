using Streams.Host.Oracles;
using Streams.Processors.Captioning;
using Streams.Processors.Captioning.Cameras;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Envelope;
using Streams.Schemas.Frames;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.EndToEnd.Oracles;

public sealed class ClipPoolTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Clips_SegmentsEndsAndOverlaps_AreThoseThatThePipelineCaptions(int seed)
    {
        var random = new Random(seed);
        var clipFrames = random.Next(1, 9);
        var options = new CaptioningOptions { ClipFrames = clipFrames, Hop = random.Next(1, clipFrames + 1), FrameSize = 8 };
        var records = Records(random);
        var processor = new CaptioningProcessorFactory(new LengthCaptioner(), options).Create("gate", null);
        var pool = new ClipPool(options);
        foreach (var record in records)
        {
            pool.Add(record);
        }

        var expected = new List<(string Id, DateTimeOffset Start, DateTimeOffset End, int Frames)>();
        foreach (var record in records)
        {
            var results = (await processor.ApplyAsync([record], TestContext.Current.CancellationToken)).Results;
            expected.AddRange(results.Select((draft, n) => (Id(draft.Offset, n), ResultJson.Deserialize<Caption>(draft.Data)))
                .Select(pair => (pair.Item1, pair.Item2.Start, pair.Item2.End, pair.Item2.Frames)));
        }

        Assert.NotEmpty(expected);
        Assert.Equal(expected, pool.Clips.Select(clip => (Id(clip.ResultOffset, clip.ResultNumber), clip.Frames[0].Time, clip.Frames[^1].Time, clip.Frames.Length)));

        // Where a frame is said to lie it does lie.
        var frames = records.ToDictionary(record => record.Offset, record => record.EventType == EventTypes.VideoFrame ? RgbFrameCodec.Decode(record.Payload) : []);
        Assert.All(pool.Clips.SelectMany(clip => clip.Frames), place => Assert.Equal(place.Time, frames[place.Offset][place.Frame].CaptureTime));
    }

    [Fact]
    public void Clips_FewerFramesThanAClip_None()
    {
        var pool = new ClipPool(new CaptioningOptions());
        pool.Add(Frames(3, 0, 7));

        Assert.Empty(pool.Clips);
    }

    private static string Id(long offset, int n) => $"{offset}/{n}";

    // Records of 1 to 20 frames, some of them ends, at offsets with gaps.
    private static List<InputRecord> Records(Random random)
    {
        var records = new List<InputRecord>();
        var (offset, frame) = (0L, 0);
        for (var i = 0; i < 60; i++)
        {
            offset += random.Next(1, 4);
            if (random.Next(10) == 0)
            {
                records.Add(new InputRecord(0, offset, Start, EventTypes.VideoEnd, default));
                continue;
            }

            var count = random.Next(3) == 0 ? random.Next(2, 21) : 1;
            records.Add(Frames(offset, frame, count));
            frame += count;
        }

        return records;
    }

    private static InputRecord Frames(long offset, int first, int count) => new(
        0, offset, Start.AddSeconds(first), EventTypes.VideoFrame, RgbFrameCodec.Encode([.. Enumerable.Range(first, count).Select(i => new RgbFrame(Start.AddSeconds(i), 8, 8, new byte[8 * 8 * 3]))]));

    private sealed class LengthCaptioner : ICaptioner
    {
        public string ModelName => "length 1";

        public ValueTask<GeneratedCaption> CaptionAsync(IReadOnlyList<RgbFrame> clip, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new GeneratedCaption($"{clip.Count}", 1, ModelName));
    }
}
