using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>
/// Keeps from the model what shows nothing new: a clip in which nothing moves, of the scene that the camera's last caption was about, in which
/// nothing moved either. A clip with motion is always captioned, whatever was there before. What is compared with is the last clip that was
/// captioned, not the last one that was seen, so that slow changes add up. Thumbnails are looked at first, as vLLM's EVS does; where they differ,
/// the encoder may be asked, if the options say so.
/// </summary>
internal sealed class SceneGate(SceneReference? reference, CaptioningOptions options, string model, Func<IReadOnlyList<RgbFrame>, Task<FrameEmbeddings?>> embed)
{
    /// <summary>The still scene captioned last; null when something moved in it.</summary>
    public SceneReference? Reference { get; private set; } = reference;

    private bool AsksTheEncoder => options.SceneSimilarity < 1;

    /// <summary>The scene that these frames show, if it is the one captioned last and nothing moved.</summary>
    public async Task<SceneReference?> FindAsync(IReadOnlyList<PendingFrame> frames)
    {
        if (options.SceneThreshold <= 0 || Reference is not { } known || known.Model != model)
        {
            return null;
        }

        var same = IsStill(known.Thumbnail, frames.Select(frame => SceneDifference.Thumbnail(frame.Input)))
            || (AsksTheEncoder
                && await known.Embeddings is { } scene
                && await embed([.. frames.Select(frame => frame.Input)]) is { } shown
                && shown.LeastSimilarity(scene) >= options.SceneSimilarity);
        return same ? known : null;
    }

    /// <summary>A clip is captioned.</summary>
    public void Captioned(IReadOnlyList<PendingFrame> frames, Task<GeneratedCaption> caption)
    {
        if (options.SceneThreshold <= 0)
        {
            return;
        }

        var thumbnails = frames.Select(frame => SceneDifference.Thumbnail(frame.Input)).ToList();
        // The clip's own bytes may go; the memory stays.
        var scene = thumbnails[0] with { Pixels = thumbnails[0].Pixels.ToArray() };
        Reference = IsStill(scene, thumbnails) ? new SceneReference(scene, model, caption, SceneEmbeddingsAsync(frames[0].Input)) : null;
    }

    // The encoder may be asked about a clip as a whole, which shows a frame as often as the model wants: the scene is one of them.
    private async Task<FrameEmbeddings?> SceneEmbeddingsAsync(RgbFrame frame) => AsksTheEncoder && await embed([frame]) is { } shown && shown.Values.Count > 0
        ? shown with { Values = [.. shown.Values.Take(shown.Values.Count / shown.Images)] }
        : null;

    private bool IsStill(RgbFrame scene, IEnumerable<RgbFrame> frames) =>
        frames.All(frame => frame.Width == scene.Width && SceneDifference.Between(scene, frame) < options.SceneThreshold);
}
