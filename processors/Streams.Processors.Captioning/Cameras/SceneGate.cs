using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>
/// Keeps from the model what shows nothing new: a clip in which nothing moves, of the scene that the camera's last caption was about, in which
/// nothing moved either. A clip with motion is always captioned, whatever was there before. What is compared with is the last clip that was
/// captioned, not the last one that was seen, so that slow changes add up.
/// </summary>
internal sealed class SceneGate(SceneReference? reference, CaptioningOptions options, string model)
{
    /// <summary>The still scene captioned last; null when something moved in it.</summary>
    public SceneReference? Reference { get; private set; } = reference;

    /// <summary>The scene that these frames show, if it is the one captioned last and nothing moved.</summary>
    public SceneReference? Find(IReadOnlyList<PendingFrame> frames) =>
        options.SceneThreshold > 0 && Reference is { } known && known.Model == model && IsStill(known.Thumbnail, frames.Select(frame => SceneDifference.Thumbnail(frame.Input)))
            ? known
            : null;

    /// <summary>A clip is captioned.</summary>
    public void Captioned(IReadOnlyList<PendingFrame> frames, Task<GeneratedCaption> caption)
    {
        if (options.SceneThreshold > 0)
        {
            var thumbnails = frames.Select(frame => SceneDifference.Thumbnail(frame.Input)).ToList();
            // The clip's own bytes may go; the memory stays.
            Reference = IsStill(thumbnails[0], thumbnails) ? new SceneReference(thumbnails[0] with { Pixels = thumbnails[0].Pixels.ToArray() }, model, caption) : null;
        }
    }

    private bool IsStill(RgbFrame scene, IEnumerable<RgbFrame> frames) =>
        frames.All(frame => frame.Width == scene.Width && SceneDifference.Between(scene, frame) < options.SceneThreshold);
}
