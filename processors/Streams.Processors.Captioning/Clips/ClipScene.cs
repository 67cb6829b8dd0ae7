using Streams.Processors.Captioning.Evaluation;

namespace Streams.Processors.Captioning.Clips;

/// <summary>A scene of one or two objects: everything needed to draw it at any time and size, and its true caption.</summary>
/// <param name="Background">Background as the caption names it.</param>
/// <param name="BackgroundColour">Its exact colour in the middle, red, green, blue.</param>
/// <param name="GradientX">Change of brightness from left to right edge.</param>
/// <param name="GradientY">Change of brightness from top to bottom edge.</param>
/// <param name="Objects">In drawing order; a later one covers an earlier one.</param>
public sealed record ClipScene(
    SceneBackground Background,
    (byte Red, byte Green, byte Blue) BackgroundColour,
    double GradientX,
    double GradientY,
    IReadOnlyList<SceneObject> Objects)
{
    /// <summary>Ticks of a clip, which is also the number of frames that the captioner sees.</summary>
    public const int Ticks = 8;

    /// <summary>What is there, in the caption's order.</summary>
    public CaptionContent Content => new(Background, [.. Objects.Select(item => item.Description).OrderBy(item => item.Colour)]);

    /// <summary>The one true caption.</summary>
    public string Caption => CaptionGrammar.Format(Content);
}
