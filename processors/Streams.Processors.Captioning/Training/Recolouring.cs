using Streams.Processors.Captioning.Clips;

namespace Streams.Processors.Captioning.Training;

/// <summary>
/// Objects in colours that have no name. Seen in a handful of named colours only, a shape is learned together with them, and one in a colour
/// that training left out is taken for another; seen in any colour it is learned by itself.
/// </summary>
internal static class Recolouring
{
    private const double FromHeldOut = 110;
    private const double FromBackground = 90;
    private const int Darkest = 15;
    private const int Levels = 236;

    /// <summary>
    /// <paramref name="scene"/> with its objects in one random colour, far from the background and from the colours in which training must
    /// not see their shape; null where there are objects of two descriptions, whose order in the caption hangs on their colours.
    /// </summary>
    public static ClipScene? Recolour(ClipScene scene, SceneRandom random)
    {
        if (scene.Objects is not [var item])
        {
            return null;
        }

        var avoided = HeldOutCombinations.ColoursOf(item.Description.Shape).Select(colour => SceneLayout.Colours[colour]).ToList();
        var (red, green, blue) = scene.Background.Colour;
        while (true)
        {
            (int Red, int Green, int Blue) colour = (Darkest + random.Below(Levels), Darkest + random.Below(Levels), Darkest + random.Below(Levels));
            if (avoided.All(other => Distance(colour, other) > FromHeldOut) && Distance(colour, (red, green, blue)) > FromBackground)
            {
                return scene with { Objects = [item with { Colour = ((byte)colour.Red, (byte)colour.Green, (byte)colour.Blue) }] };
            }
        }
    }

    private static double Distance((int Red, int Green, int Blue) one, (int Red, int Green, int Blue) other)
    {
        var (red, green, blue) = (one.Red - other.Red, one.Green - other.Green, one.Blue - other.Blue);
        return Math.Sqrt((red * red) + (green * green) + (blue * blue));
    }
}
