using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>Scales pictures by averaging the area that each new pixel covers: no aliasing, and the same bytes everywhere.</summary>
public static class AreaScaler
{
    /// <summary><paramref name="frame"/> as <paramref name="width"/> x <paramref name="height"/> pixels; itself when it is that already.</summary>
    public static RgbFrame Scale(RgbFrame frame, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (frame.Width == width && frame.Height == height)
        {
            return frame;
        }

        var rows = ScaleRows(frame.Pixels.Span, frame.Width, frame.Height, width);
        var pixels = new byte[width * height * 3];
        var spans = Spans(frame.Height, height);
        var stride = width * 3;
        var sums = new float[stride];
        for (var row = 0; row < height; row++)
        {
            var (first, weights) = spans[row];
            Array.Clear(sums);
            for (var i = 0; i < weights.Length; i++)
            {
                var source = rows.AsSpan((first + i) * stride, stride);
                for (var column = 0; column < stride; column++)
                {
                    sums[column] += weights[i] * source[column];
                }
            }

            for (var column = 0; column < stride; column++)
            {
                pixels[(row * stride) + column] = (byte)Math.Clamp(sums[column] + 0.5f, 0, 255);
            }
        }

        return new RgbFrame(frame.CaptureTime, width, height, pixels);
    }

    /// <summary>The largest size of the same shape that is at most <paramref name="maxWidth"/> wide and not larger than the frame.</summary>
    public static (int Width, int Height) Fit(int width, int height, int maxWidth) =>
        width <= maxWidth ? (width, height) : (maxWidth, Math.Max(1, (int)Math.Round((double)height * maxWidth / width)));

    private static float[] ScaleRows(ReadOnlySpan<byte> pixels, int width, int height, int newWidth)
    {
        var spans = Spans(width, newWidth);
        var rows = new float[height * newWidth * 3];
        var at = 0;
        for (var row = 0; row < height; row++)
        {
            var line = pixels.Slice(row * width * 3, width * 3);
            foreach (var (first, weights) in spans)
            {
                var (red, green, blue) = (0f, 0f, 0f);
                for (var i = 0; i < weights.Length; i++)
                {
                    var source = (first + i) * 3;
                    red += weights[i] * line[source];
                    green += weights[i] * line[source + 1];
                    blue += weights[i] * line[source + 2];
                }

                rows[at++] = red;
                rows[at++] = green;
                rows[at++] = blue;
            }
        }

        return rows;
    }

    // For each new pixel the old pixels under it and their shares, which sum to 1.
    private static (int First, float[] Weights)[] Spans(int oldCount, int newCount)
    {
        var step = (double)oldCount / newCount;
        return [.. Enumerable.Range(0, newCount).Select(i =>
        {
            var (start, end) = (i * step, (i + 1) * step);
            var first = (int)start;
            var last = Math.Min(oldCount - 1, (int)Math.Ceiling(end) - 1);
            return (first, Enumerable.Range(first, last - first + 1).Select(old => (float)((Math.Min(end, old + 1) - Math.Max(start, old)) / step)).ToArray());
        })];
    }
}
