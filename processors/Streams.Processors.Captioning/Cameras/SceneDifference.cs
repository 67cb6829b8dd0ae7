using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>
/// How much two pictures differ: the largest change of mean colour among the cells of a 16 x 16 grid over their 64 x 64 thumbnails. A mean over
/// all of the picture would not see a small thing move; single pixels would see the noise.
/// </summary>
internal static class SceneDifference
{
    public const int ThumbnailSize = 64;
    private const int Cells = 16;

    /// <summary>What is compared, and remembered: at most 64 pixels a side.</summary>
    public static RgbFrame Thumbnail(RgbFrame frame)
    {
        var size = Math.Min(ThumbnailSize, Math.Min(frame.Width, frame.Height));
        return AreaScaler.Scale(frame, size, size);
    }

    /// <summary>In levels of 0 to 255, of the channel that changed most. Both thumbnails of one size.</summary>
    public static double Between(RgbFrame one, RgbFrame other)
    {
        var (size, cells) = (one.Width, Math.Min(Cells, one.Width));
        var first = one.Pixels.Span;
        var second = other.Pixels.Span;
        Span<int> sums = stackalloc int[cells * cells * 3];
        sums.Clear();
        Span<int> counts = stackalloc int[cells];
        for (var i = 0; i < size; i++)
        {
            counts[i * cells / size]++;
        }

        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                var (cell, at) = (((row * cells / size * cells) + (column * cells / size)) * 3, ((row * size) + column) * 3);
                for (var channel = 0; channel < 3; channel++)
                {
                    sums[cell + channel] += second[at + channel] - first[at + channel];
                }
            }
        }

        var largest = 0.0;
        for (var i = 0; i < sums.Length; i++)
        {
            var pixels = counts[i / 3 / cells] * counts[i / 3 % cells];
            largest = Math.Max(largest, (double)Math.Abs(sums[i]) / pixels);
        }

        return largest;
    }
}
