using System.Text;
using Streams.Processors.Captioning.Cameras;
using Streams.Processors.Captioning.Clips;
using Streams.Schemas.Envelope;
using Streams.Schemas.Frames;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Captioning.Tests.Cameras;

/// <summary>Frames of one camera, a second apart, and what a processor makes of them.</summary>
internal static class Feed
{
    public static DateTimeOffset Start { get; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>A scene of one thing that moves.</summary>
    public static ClipScene Moving { get; } = Enumerable.Range(0, 100).Select(i => ClipScenes.Create(7, i))
        .First(scene => scene.Objects.Count == 1 && scene.Caption.Contains("moves", StringComparison.Ordinal));

    /// <summary>A camera that looks at a wall: noise of a few levels.</summary>
    public static RgbFrame Noisy(int i)
    {
        var random = new Random(i);
        var pixels = new byte[64 * 64 * 3];
        for (var at = 0; at < pixels.Length; at++)
        {
            pixels[at] = (byte)(100 + random.Next(-6, 7));
        }

        return new RgbFrame(Start.AddSeconds(i), 64, 64, pixels);
    }

    /// <summary>A light of four pixels is on.</summary>
    public static RgbFrame Lit(RgbFrame frame)
    {
        var pixels = frame.Pixels.ToArray();
        for (var pixel = 0; pixel < 4; pixel++)
        {
            pixels[(((33 + (pixel / 2)) * 64) + 33 + (pixel % 2)) * 3] = 255;
        }

        return frame with { Pixels = pixels };
    }

    public static InputRecord Record(int i, RgbFrame frame) => new(3, 100 + i, frame.CaptureTime, EventTypes.VideoFrame, RgbFrameCodec.Encode([frame]));

    public static async Task<List<string>> OneByOneAsync(CaptioningOptions options, IEnumerable<InputRecord> records)
    {
        var lines = new List<string>();
        byte[]? state = null;
        foreach (var record in records)
        {
            var processor = new CaptioningProcessorFactory(new HashingCaptioner(), options).Create("gate", state);
            lines.AddRange((await processor.ApplyAsync([record], TestContext.Current.CancellationToken)).Results.Select(Line));
            state = processor.SaveState();
        }

        return lines;
    }

    public static RgbFrame Solid(byte red, int second)
    {
        var pixels = new byte[64 * 64 * 3];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            pixels[i] = red;
        }

        return new RgbFrame(Start.AddSeconds(second), 64, 64, pixels);
    }

    public static List<Caption> Captions(this ProcessorOutput output) => [.. output.Results.Select(draft => ResultJson.Deserialize<Caption>(draft.Data))];

    public static string Line(ResultDraft draft) => $"{draft.Partition}/{draft.Offset} {draft.Time:O} {Encoding.UTF8.GetString(draft.Data)}";
}
