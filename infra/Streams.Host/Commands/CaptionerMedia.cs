using Streams.Ingest.Sources.Media;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Prompting;
using Streams.Schemas.Frames;

namespace Streams.Host.Commands;

/// <summary>Files on disk as a checkpoint wants to see them.</summary>
internal static class CaptionerMedia
{
    /// <summary>The frames of a video that the model samples, already at its size: memory does not grow with the length of the file.</summary>
    public static async Task<VideoContent> ReadVideoAsync(CheckpointCaptioner captioner, string path, CancellationToken ct)
    {
        var video = await VideoFile.OpenAsync(path, ct);
        var indices = captioner.SampleFrames(video.Frames, video.FramesPerSecond);
        var frames = new List<RgbFrame>();
        await foreach (var frame in video.ReadAsync(indices, ct))
        {
            frames.Add(captioner.Shrink(frame));
        }

        // A file may end sooner than it says.
        return new VideoContent(frames, [.. indices.Take(frames.Count).Select(index => index / video.FramesPerSecond)], video.Duration);
    }
}
