namespace Streams.Schemas.Results;

/// <summary>What happened in a clip of one camera. Data of <see cref="Topics.VideoCaptions"/>.</summary>
/// <param name="Camera">The camera.</param>
/// <param name="Text">The caption.</param>
/// <param name="Start">Capture time of the clip's first frame.</param>
/// <param name="End">Capture time of the clip's last frame.</param>
/// <param name="Frames">Frames in the clip.</param>
/// <param name="Confidence">Geometric mean of the probabilities of the caption's tokens, in (0, 1].</param>
/// <param name="Model">Name and version of the model.</param>
/// <param name="Thumbnail">A JPEG of the clip's middle frame, at most 160 pixels wide.</param>
public sealed record Caption(
    string Camera,
    string Text,
    DateTimeOffset Start,
    DateTimeOffset End,
    int Frames,
    double Confidence,
    string Model,
    byte[]? Thumbnail = null)
{
    /// <summary>Which clip of the camera, from 0: the same for a provisional caption and the final one. Only where provisional ones are published.</summary>
    public long? Clip { get; init; }

    /// <summary>True for a caption of the clip's first half; the final one follows under the same <see cref="Clip"/>. Else left out.</summary>
    public bool? Provisional { get; init; }

    /// <summary>True where nothing has changed since the camera's last caption, which this is. Else left out.</summary>
    public bool? Unchanged { get; init; }
}
