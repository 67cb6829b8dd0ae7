namespace Streams.Processors.Captioning.Clips;

/// <summary>A background as it is drawn.</summary>
/// <param name="Kind">What the caption says of it.</param>
/// <param name="Colour">Its exact colour in the middle.</param>
/// <param name="GradientX">Change of brightness from left to right edge.</param>
/// <param name="GradientY">Change of brightness from top to bottom edge.</param>
/// <param name="Contrast">Brightness that the pattern adds and takes away; 0 for a plain background.</param>
/// <param name="PeriodX">From a bright place of the pattern to the next, along a row; 0 where it does not change along a row.</param>
/// <param name="PeriodY">The same along a column.</param>
/// <param name="Phase">Where the pattern begins, as a share of its period.</param>
public sealed record SceneBackdrop(
    SceneBackground Kind,
    (byte Red, byte Green, byte Blue) Colour,
    double GradientX,
    double GradientY,
    double Contrast,
    double PeriodX,
    double PeriodY,
    double Phase)
{
    /// <summary>
    /// For each of <paramref name="size"/> pixels along a row or column: brightness that is added, and a factor of the pattern, whose
    /// product along row and column times <see cref="Contrast"/> is added too.
    /// </summary>
    public (double Gradient, double Pattern)[] Lights(int size, bool alongRow)
    {
        var lights = new (double, double)[size];
        for (var i = 0; i < size; i++)
        {
            var place = (i + 0.5) / size;
            lights[i] = ((alongRow ? GradientX : GradientY) * (place - 0.5), Wave(place, alongRow ? PeriodX : PeriodY, 1.0 / size));
        }

        return lights;
    }

    // A square wave of -1 and 1 whose edges are one pixel wide.
    private double Wave(double place, double period, double pixel)
    {
        if (period == 0)
        {
            return 1;
        }

        var share = (place / period) + Phase;
        var fromEdge = Math.Abs((share - Math.Floor(share)) - 0.5) - 0.25; // a quarter of a period from the middle of bright or dark
        return Math.Clamp(2 * fromEdge * period / pixel, -1, 1);
    }
}
