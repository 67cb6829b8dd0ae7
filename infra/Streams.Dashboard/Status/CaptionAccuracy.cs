namespace Streams.Dashboard.Status;

/// <summary>Captions of the live run held against truths that are known, such as those of the demo's rendered films.</summary>
/// <param name="Clips">Captions whose truth is known.</param>
/// <param name="Exact">Of these, right in every word.</param>
/// <param name="Attributes">What they say of each attribute: objects, background, word, colour, count, size, shape, motion, speed.</param>
public sealed record CaptionAccuracy(int Clips, int Exact, IReadOnlyList<AttributeAccuracy> Attributes)
{
    /// <summary>The same for each camera, sorted by name.</summary>
    public IReadOnlyList<CameraAccuracy> Cameras { get; init; } = [];
}

/// <summary>Captions of one camera held against the truth.</summary>
/// <param name="Camera">The camera.</param>
/// <param name="Clips">Captions whose truth is known.</param>
/// <param name="Exact">Of these, right in every word.</param>
/// <param name="Attributes">What they say of each attribute.</param>
public sealed record CameraAccuracy(string Camera, int Clips, int Exact, IReadOnlyList<AttributeAccuracy> Attributes);

/// <summary>How often captions are right about an attribute.</summary>
/// <param name="Attribute">Its name.</param>
/// <param name="Right">Times right.</param>
/// <param name="Total">Times asked.</param>
public sealed record AttributeAccuracy(string Attribute, int Right, int Total);
