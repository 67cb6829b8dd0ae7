namespace Streams.Processors.Captioning.Clips;

/// <summary>Objects of a scene that look and move alike, as a caption describes them.</summary>
/// <param name="Size">Small or large.</param>
/// <param name="Colour">Colour; no two descriptions of a scene share one.</param>
/// <param name="Shape">Shape.</param>
/// <param name="Motion">What they do.</param>
/// <param name="Speed">How fast; null exactly when they stay still.</param>
/// <param name="Count">How many, 1 to <see cref="MaxCount"/>.</param>
public sealed record ObjectDescription(ObjectSize Size, ObjectColour Colour, ObjectShape Shape, ObjectMotion Motion, ObjectSpeed? Speed, int Count = 1)
{
    /// <summary>The most objects that are counted together.</summary>
    public const int MaxCount = 4;
}
