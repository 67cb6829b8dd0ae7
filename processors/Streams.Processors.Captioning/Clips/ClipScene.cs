using Streams.Processors.Captioning.Evaluation;

namespace Streams.Processors.Captioning.Clips;

/// <summary>A scene of objects and perhaps a sign: everything needed to draw it at any time and size, and its true caption.</summary>
/// <param name="Background">Background with its exact colours.</param>
/// <param name="Objects">In drawing order; a later one covers an earlier one.</param>
/// <param name="Sign">Drawn below the objects; null for none.</param>
public sealed record ClipScene(SceneBackdrop Background, IReadOnlyList<SceneObject> Objects, SceneSign? Sign)
{
    /// <summary>Ticks of a clip, which is also the number of frames that the captioner sees.</summary>
    public const int Ticks = 8;

    /// <summary>What is there, in the caption's order.</summary>
    public CaptionContent Content => new(Background.Kind, [.. Objects.Select(item => item.Description).OrderBy(item => item.Colour)], Sign?.Word);

    /// <summary>The one true caption.</summary>
    public string Caption => CaptionGrammar.Format(Content);
}
