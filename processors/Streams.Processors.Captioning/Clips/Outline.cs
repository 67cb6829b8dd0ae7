namespace Streams.Processors.Captioning.Clips;

/// <summary>A closed line whose distance from the centre rises and falls as it goes round; or a ring, without lobes.</summary>
/// <param name="Lobes">How often it does; 0 for a ring.</param>
/// <param name="Depth">By how much, as a share of the radius; of a ring, half its width.</param>
/// <param name="Turn">Where the first lobe is, in radians.</param>
internal readonly record struct Outline(int Lobes, double Depth, double Turn)
{
    /// <summary>About the distance to the line, negative inside, of a place off the centre.</summary>
    public double Distance(double x, double y, double radius)
    {
        var away = Math.Sqrt((x * x) + (y * y));
        return Lobes == 0
            ? Math.Abs(away - ((1.1 - Depth) * radius)) - (Depth * radius)
            : away - (radius * (1 + (Depth * Math.Cos((Lobes * Math.Atan2(y, x)) - Turn))));
    }
}
