using FFMpegCore;
using FFMpegCore.Enums;
using FFMpegCore.Pipes;
using Streams.Host.Oracles;
using Streams.Processors.Captioning.Clips;

namespace Streams.Host.Demo;

/// <summary>The demo's cameras: films of rendered scenes whose truth is known, encoded as H.264, so that decoding is real.</summary>
internal sealed class DemoCameras(int clips)
{
    /// <summary>Frames a second, of the films and of the sampling.</summary>
    public const int FramesPerSecond = 4;

    /// <summary>From one clip to the next.</summary>
    public static readonly TimeSpan ClipTime = TimeSpan.FromSeconds((double)ClipScene.Ticks / FramesPerSecond);

    private const int Side = 192;

    // Not among the seeds that the model was trained or tested on.
    private const ulong Seed = 0xDE_30_00_01;

    private const int WatchedCamera = 2;
    private const int WatchedFactor = 3;
    private const ObjectShape WatchedObject = ObjectShape.Circle;

    // One in so many of its clips has another main object.
    private const int OtherEvery = 4;

    // From one scene that is tried for a clip to the next, so that no two clips try the same.
    private const long WatchedStride = 100_000;

    public static IReadOnlyList<string> Names { get; } = ["gate", "hall", "yard"];

    /// <summary>The camera that mostly sees one thing, and films three times as long.</summary>
    public static string Watched => Names[WatchedCamera];

    /// <summary>What <see cref="Watched"/> mostly sees, as an attribute of captions names it.</summary>
    public string MostSeen(CaptionAttribute attribute) =>
        Enumerable.Range(0, ClipsOf(WatchedCamera)).Select(clip => attribute.LabelOf(Scene(WatchedCamera, clip).Caption)).CountBy(label => label).MaxBy(pair => pair.Value).Key;

    /// <summary>Encodes the film of camera <paramref name="camera"/> (an index into <see cref="Names"/>).</summary>
    public async Task EncodeAsync(int camera, string path, CancellationToken cancellation)
    {
        var frames = new RawVideoPipeSource(Frames(camera)) { FrameRate = FramesPerSecond };
        await FFMpegArguments
            .FromPipeInput(frames)
            .OutputToFile(path, overwrite: true, output => output
                .WithVideoCodec(VideoCodec.LibX264)
                .WithConstantRateFactor(18)
                .WithCustomArgument("-pix_fmt yuv420p -preset veryfast -threads 1"))
            .CancellableThrough(cancellation)
            .ProcessAsynchronously();
    }

    /// <summary>What each clip of camera <paramref name="camera"/> truly shows, in order.</summary>
    public IEnumerable<string> Truths(int camera) => Enumerable.Range(0, ClipsOf(camera)).Select(clip => Scene(camera, clip).Caption);

    private IEnumerable<IVideoFrame> Frames(int camera)
    {
        for (var clip = 0; clip < ClipsOf(camera); clip++)
        {
            var scene = Scene(camera, clip);
            for (var tick = 0; tick < ClipScene.Ticks; tick++)
            {
                yield return new RawFrame(SceneRenderer.RenderFrame(scene, tick, Side).Pixels);
            }
        }
    }

    private int ClipsOf(int camera) => camera == WatchedCamera ? clips * WatchedFactor : clips;

    private ClipScene Scene(int camera, int clip)
    {
        var index = (long)(camera * clips) + clip;
        var scene = ClipScenes.Create(Seed, index);
        while (camera == WatchedCamera && IsOfWatchedObject(scene) != (clip % OtherEvery != OtherEvery - 1))
        {
            index += WatchedStride;
            scene = ClipScenes.Create(Seed, index);
        }

        return scene;
    }

    private static bool IsOfWatchedObject(ClipScene scene) => CaptionAttribute.Find("object").LabelOf(scene.Caption) == $"{WatchedObject}".ToLowerInvariant();

    private sealed class RawFrame(ReadOnlyMemory<byte> pixels) : IVideoFrame
    {
        public int Width => Side;

        public int Height => Side;

        public string PixelFormat => "rgb24";

        public void Serialize(Stream pipe) => pipe.Write(pixels.Span);

        public async Task SerializeAsync(Stream pipe, CancellationToken token) => await pipe.WriteAsync(pixels, token);
    }
}
