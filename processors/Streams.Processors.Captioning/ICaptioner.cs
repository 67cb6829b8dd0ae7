using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning;

/// <summary>Says what happens in a clip. Safe for concurrent use.</summary>
public interface ICaptioner
{
    /// <summary>Name and version of the model, as its captions carry it.</summary>
    string ModelName { get; }

    /// <summary>
    /// Captions <paramref name="clip"/>: 1 or more frames in order; short clips are filled up with their last frame, long ones are
    /// sampled evenly. The same clip gives the same caption, whatever else is captioned at the time.
    /// </summary>
    ValueTask<GeneratedCaption> CaptionAsync(IReadOnlyList<RgbFrame> clip, CancellationToken cancellationToken);

    /// <summary>The same for a camera, by which turns are taken where many wait.</summary>
    ValueTask<GeneratedCaption> CaptionAsync(string camera, IReadOnlyList<RgbFrame> clip, CancellationToken cancellationToken) =>
        CaptionAsync(clip, cancellationToken);

    /// <summary>What the model's encoder makes of frames, for who wants to know whether they show the same; null from a captioner that has none.</summary>
    ValueTask<FrameEmbeddings?> EmbedAsync(string camera, IReadOnlyList<RgbFrame> frames, CancellationToken cancellationToken) =>
        ValueTask.FromResult<FrameEmbeddings?>(null);
}
