using System.Globalization;
using System.Text.RegularExpressions;

namespace Streams.Processors.Captioning.Grounding;

/// <summary>
/// Points and boxes in words, as MM1.5 refers and grounds (arXiv 2409.20566, after Ferret, arXiv 2310.07704): <c>&lt;x,y&gt;</c> and
/// <c>&lt;x1,y1,x2,y2&gt;</c>, each share of the picture in thousandths, 0 to 999. The papers publish no exact bins; these are Ferret's.
/// </summary>
public static partial class CoordinateText
{
    private const int Bins = 1000;

    /// <summary>A point in words.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the picture.</exception>
    public static string Format(ImagePoint point) => string.Create(CultureInfo.InvariantCulture, $"<{Bin(point.X)},{Bin(point.Y)}>");

    /// <summary>A box in words.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the picture.</exception>
    public static string Format(ImageBox box) =>
        string.Create(CultureInfo.InvariantCulture, $"<{Bin(box.Left)},{Bin(box.Top)},{Bin(box.Right)},{Bin(box.Bottom)}>");

    /// <summary>The boxes of a text, in order. What has other numbers, or sides the wrong way round, is no box.</summary>
    public static IReadOnlyList<ImageBox> ParseBoxes(string text) =>
        [.. Read(text, 4).Select(at => new ImageBox(at[0], at[1], at[2], at[3])).Where(box => box.Left <= box.Right && box.Top <= box.Bottom)];

    /// <summary>The points of a text, in order.</summary>
    public static IReadOnlyList<ImagePoint> ParsePoints(string text) => [.. Read(text, 2).Select(at => new ImagePoint(at[0], at[1]))];

    private static IEnumerable<double[]> Read(string text, int count) => Group().Matches(text)
        .Select(match => match.Groups[1].Value.Split(','))
        .Where(parts => parts.Length == count)
        .Select(parts => parts.Select(part => int.TryParse(part, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var bin) ? bin : int.MaxValue).ToArray())
        .Where(bins => bins.All(bin => bin < Bins))
        .Select(bins => bins.Select(bin => (bin + 0.5) / Bins).ToArray()); // the middle of the bin

    private static int Bin(double share)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        return Math.Min(Bins - 1, (int)(share * Bins));
    }

    [GeneratedRegex(@"<\s*(\d{1,4}\s*(?:,\s*\d{1,4}\s*)+)>")]
    private static partial Regex Group();
}
