namespace Streams.Processors.Captioning.Grounding;

/// <summary>A box in a picture; all sides as shares of its width and height, 0 to 1.</summary>
/// <param name="Left">Left side.</param>
/// <param name="Top">Upper side.</param>
/// <param name="Right">Right side, not left of <paramref name="Left"/>.</param>
/// <param name="Bottom">Lower side, not above <paramref name="Top"/>.</param>
public readonly record struct ImageBox(double Left, double Top, double Right, double Bottom)
{
    /// <summary>Area as a share of the picture.</summary>
    public double Area => Math.Max(0, Right - Left) * Math.Max(0, Bottom - Top);

    /// <summary>Area of the intersection over that of the union; 0 for two empty boxes.</summary>
    public double IntersectionOverUnion(ImageBox other)
    {
        var shared = new ImageBox(Math.Max(Left, other.Left), Math.Max(Top, other.Top), Math.Min(Right, other.Right), Math.Min(Bottom, other.Bottom)).Area;
        var union = Area + other.Area - shared;
        return union > 0 ? shared / union : 0;
    }
}
