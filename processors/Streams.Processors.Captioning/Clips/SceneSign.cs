namespace Streams.Processors.Captioning.Clips;

/// <summary>A sign with a word on it. Lengths are shares of the picture's width.</summary>
/// <param name="Word">What it says.</param>
/// <param name="Left">Left edge.</param>
/// <param name="Top">Upper edge.</param>
/// <param name="Cell">Width and height of a cell of the letters' grid.</param>
/// <param name="Panel">Colour of the panel.</param>
/// <param name="Ink">Colour of the letters.</param>
public sealed record SceneSign(
    SignWord Word, double Left, double Top, double Cell, (byte Red, byte Green, byte Blue) Panel, (byte Red, byte Green, byte Blue) Ink)
{
    /// <summary>The letters on it.</summary>
    public string Text { get; } = Word.ToString().ToUpperInvariant();

    /// <summary>Width.</summary>
    public double Width => Cell * SignFont.Columns(Text);

    /// <summary>Height.</summary>
    public double Height => Cell * SignFont.Rows;

    /// <summary>Distance from a point to the panel, 0 inside.</summary>
    public double DistanceTo(double x, double y)
    {
        var (dx, dy) = (Math.Max(Math.Max(Left - x, x - Left - Width), 0), Math.Max(Math.Max(Top - y, y - Top - Height), 0));
        return Math.Sqrt((dx * dx) + (dy * dy));
    }
}
