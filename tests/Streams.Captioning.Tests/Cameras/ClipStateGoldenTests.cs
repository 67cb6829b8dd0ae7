using System.Runtime.CompilerServices;
using System.Text;
using Streams.Processors.Captioning.Cameras;
using Streams.Processors.Captioning.Clips;
using Streams.Schemas.Envelope;
using Streams.Schemas.Frames;
using Streams.Schemas.Processing;

namespace Streams.Captioning.Tests.Cameras;

/// <summary>
/// <c>Golden/</c> holds a camera's states as the version in their name wrote them, and what that version then made of the frames that followed.
/// They never change: every later version must go on from them to the same captions.
/// </summary>
public sealed class ClipStateGoldenTests
{
    private const string Today = "clips-v2";

    // Written out: scenes by number may look otherwise one day.
    private static readonly ClipScene Scene = new(
        new SceneBackdrop(SceneBackground.Dark, (20, 29, 41), -1.1280708973360802, -7.093760508785955, 0, 0, 0, 0),
        [
            new SceneObject(
                new ObjectDescription(ObjectSize.Small, ObjectColour.Pink, ObjectShape.Cross, ObjectMotion.Down, ObjectSpeed.Slow),
                [(0.5177741587713979, 0.13702408995265836)],
                0,
                0.025467393032221237,
                0.0987725904836764,
                0,
                0,
                (246, 104, 183)),
        ],
        null);

    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("clips-v1")]
    [InlineData("clips-v2")]
    public async Task Create_StateOfEveryVersion_GoesOnAsItsWriterDid(string name)
    {
        var processor = Create(name, await File.ReadAllBytesAsync(PathOf($"{name}.bin"), TestContext.Current.CancellationToken));

        var output = await processor.ApplyAsync([.. Records().Skip(Seen(name))], TestContext.Current.CancellationToken);

        Assert.Equal(await File.ReadAllLinesAsync(PathOf($"{name}-next.jsonl"), TestContext.Current.CancellationToken), output.Results.Select(Line));
    }

    /// <summary>Writes the files of the version of today where there are none yet: set STREAMS_WRITE_GOLDEN, run, look, commit.</summary>
    [Fact]
    public async Task Golden_FilesOfToday_AreThere()
    {
        if (Environment.GetEnvironmentVariable("STREAMS_WRITE_GOLDEN") is not null && !File.Exists(PathOf($"{Today}.bin")))
        {
            var processor = Create(Today, null);
            await processor.ApplyAsync([.. Records().Take(Seen(Today))], TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(PathOf($"{Today}.bin"), processor.SaveState(), TestContext.Current.CancellationToken);
            var next = await processor.ApplyAsync([.. Records().Skip(Seen(Today))], TestContext.Current.CancellationToken);
            await File.WriteAllLinesAsync(PathOf($"{Today}-next.jsonl"), next.Results.Select(Line), TestContext.Current.CancellationToken);
        }

        Assert.True(File.Exists(PathOf($"{Today}.bin")), $"{Today}.bin is missing");
    }

    // Version 1 captioned every clip. Version 2 stands in the middle of a still scene.
    private static IRecordProcessor Create(string name, byte[]? state)
    {
        var options = new CaptioningOptions { Hop = 6, FrameSize = 16, ThumbnailWidth = 16 };
        return new CaptioningProcessorFactory(new HashingCaptioner(), name == "clips-v1" ? options with { SceneThreshold = 0 } : options).Create("gate", state);
    }

    private static int Seen(string name) => name == "clips-v1" ? 14 : 24;

    // Something moves, rests and moves again; then the camera ends.
    private static IEnumerable<InputRecord> Records()
    {
        for (var i = 0; i < 45; i++)
        {
            var frame = SceneRenderer.RenderFrame(Scene, i is > 8 and < 34 ? 4 : i % 8, 32, Start.AddSeconds(i));
            yield return new InputRecord(3, 100 + i, frame.CaptureTime, EventTypes.VideoFrame, RgbFrameCodec.Encode([frame]));
        }

        yield return new InputRecord(3, 200, Start.AddSeconds(45), EventTypes.VideoEnd, default);
    }

    private static string Line(ResultDraft draft) => $"{draft.Partition}/{draft.Offset} {draft.Time:O} {Encoding.UTF8.GetString(draft.Data)}";

    private static string PathOf(string file, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "Golden", file);
}
