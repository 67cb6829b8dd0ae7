using System.ComponentModel.DataAnnotations;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>How a camera's frames become clips.</summary>
public sealed record CaptioningOptions : IValidatableObject
{
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

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Hop > ClipFrames)
        {
            yield return new ValidationResult($"{nameof(Hop)} is {Hop}, more than {nameof(ClipFrames)} ({ClipFrames}): frames between clips would never be captioned. Set it to at most {ClipFrames}", [nameof(Hop)]);
        }
    }
}
