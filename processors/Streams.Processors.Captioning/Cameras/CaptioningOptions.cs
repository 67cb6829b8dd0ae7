using System.ComponentModel.DataAnnotations;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>How a camera's frames become clips.</summary>
public sealed record CaptioningOptions : IValidatableObject
{
    private const double DefaultSceneThreshold = 8;

    /// <summary>Frames in a clip. The shipped model looks at 8.</summary>
    [Range(1, 256)]
    public int ClipFrames { get; init; } = 8;

    /// <summary>Frames from the start of one clip to the start of the next; less than <see cref="ClipFrames"/> makes clips overlap.</summary>
    [Range(1, 256)]
    public int Hop { get; init; } = 8;

    /// <summary>Pixels a side that frames are reduced to as they come: the model's input size. The shipped model takes 48.</summary>
    [Range(8, 1024)]
    public int FrameSize { get; init; } = 48;

    /// <summary>Widest thumbnail, in pixels.</summary>
    [Range(16, 1024)]
    public int ThumbnailWidth { get; init; } = 160;

    /// <summary>JPEG quality of thumbnails.</summary>
    [Range(1, 100)]
    public int ThumbnailQuality { get; init; } = 80;

    /// <summary>
    /// A clip in which nothing moves is not captioned again while the scene is the one that was captioned last: while no sixteenth by sixteenth of the picture
    /// has changed its mean colour by so many levels of 255. Its result has the caption of then, marked. Zero: every clip is captioned.
    /// </summary>
    [Range(0.0, 255.0)]
    public double SceneThreshold { get; init; } = DefaultSceneThreshold;

    /// <summary>
    /// Where thumbnails differ, a clip still counts as unchanged if no visual token of the model is less similar to the captioned scene's than
    /// this cosine: light that flickers changes pixels, and hardly what the model makes of them. 1: the model is not asked. How similar is
    /// similar hangs on the model. Ignored without <see cref="SceneThreshold"/>.
    /// </summary>
    [Range(0.0, 1.0)]
    public double SceneSimilarity { get; init; } = 1;

    /// <summary>
    /// Publish a caption of the first half of a clip as soon as it is there, marked as provisional, and the final one under the same clip number. Not where
    /// clips overlap by half or more: the one before is as new.
    /// </summary>
    public bool Provisional { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Hop > ClipFrames)
        {
            yield return new ValidationResult($"{nameof(Hop)} is {Hop}, more than {nameof(ClipFrames)} ({ClipFrames}): frames between clips would never be captioned. Set it to at most {ClipFrames}", [nameof(Hop)]);
        }
    }
}
