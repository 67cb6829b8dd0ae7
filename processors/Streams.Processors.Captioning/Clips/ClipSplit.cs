namespace Streams.Processors.Captioning.Clips;

/// <summary>Which scenes to draw from.</summary>
public enum ClipSplit
{
    /// <summary>Scenes without any held-out combination; what training sees.</summary>
    Training,

    /// <summary>Scenes with at least one combination of shape with colour, motion or count that training never sees.</summary>
    HeldOut,
}

internal static class HeldOutCombinations
{
    private static readonly HashSet<(ObjectShape, ObjectColour)> Colours =
    [
        (ObjectShape.Circle, ObjectColour.Green), (ObjectShape.Square, ObjectColour.Red), (ObjectShape.Triangle, ObjectColour.White),
        (ObjectShape.Cross, ObjectColour.Blue), (ObjectShape.Diamond, ObjectColour.Yellow), (ObjectShape.Circle, ObjectColour.Pink),
    ];

    private static readonly HashSet<(ObjectShape, ObjectMotion)> Motions =
    [
        (ObjectShape.Triangle, ObjectMotion.Left), (ObjectShape.Square, ObjectMotion.Up), (ObjectShape.Cross, ObjectMotion.Blink),
    ];

    private static readonly HashSet<(ObjectShape, int)> Counts = [(ObjectShape.Diamond, 2), (ObjectShape.Circle, 3)];

    /// <summary>The colours in which training never sees <paramref name="shape"/>.</summary>
    public static IEnumerable<ObjectColour> ColoursOf(ObjectShape shape) => Colours.Where(pair => pair.Item1 == shape).Select(pair => pair.Item2);

    public static bool Contains(ObjectDescription item) =>
        Colours.Contains((item.Shape, item.Colour)) || Motions.Contains((item.Shape, item.Motion)) || Counts.Contains((item.Shape, item.Count));
}
