using Streams.Processors.Captioning.Clips;

namespace Streams.Processors.Captioning.Training;

/// <summary>
/// Objects of shapes that have no name, in any named colour. Seen in a handful of shapes only, a colour is learned together with them, and a shape in
/// a colour that training left out is taken for another colour; <see cref="Recolouring"/> is the same for shapes.
/// </summary>
internal static class Reshaping
{
    // Neither round, nor of three or four corners, as all that have a name are, but for the ring.
    private static readonly int[] Lobes = [0, 2, 5, 6, 7];

    /// <summary>
    /// <paramref name="scene"/> with its objects in another outline and colour; null where there are objects of two descriptions, whose order in the
    /// caption hangs on their colours.
    /// </summary>
    public static ClipScene? Reshape(ClipScene scene, SceneRandom random)
    {
        if (scene.Objects is not [var item])
        {
            return null;
        }

        var lobes = Lobes[random.Below(Lobes.Length)];
        var outline = new Outline(lobes, lobes == 0 ? random.Between(0.12, 0.3) : random.Between(0.15, 0.3), random.Between(0, 2 * Math.PI));
        var colour = random.Pick<ObjectColour>();
        return scene with
        {
            Objects =
            [
                item with
                {
                    Description = item.Description with { Colour = colour },
                    Colour = random.Vary(SceneLayout.Colours[colour], SceneLayout.ColourRange),
                    Outline = outline,
                },
            ],
        };
    }
}
