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
        Contains(item.Shape, item.Colour) || Contains(item.Shape, item.Motion) || Contains(item.Shape, item.Count);

    public static bool Contains(ObjectShape shape, ObjectColour colour) => Colours.Contains((shape, colour));

    public static bool Contains(ObjectShape shape, ObjectMotion motion) => Motions.Contains((shape, motion));

    public static bool Contains(ObjectShape shape, int count) => Counts.Contains((shape, count));
}
