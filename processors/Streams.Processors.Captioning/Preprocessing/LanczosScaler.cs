using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Preprocessing;

/// <summary>
/// Scales pictures with a Lanczos window of three lobes, to the byte as Pillow does: weights of 22 fractional bits, rows first, rounded to
/// bytes between the passes. Models that were trained behind Pillow see the pixels that they know.
/// </summary>
internal static class LanczosScaler
{
    private const int Channels = 3;
    private const double Lobes = 3;
    private const int Precision = 22;
    private const int Half = 1 << (Precision - 1);

    /// <summary><paramref name="frame"/> as <paramref name="width"/> x <paramref name="height"/> pixels; itself when it is that already.</summary>
    public static RgbFrame Scale(RgbFrame frame, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (frame.Pixels.Length != (long)frame.Width * frame.Height * Channels)
        {
            throw new ArgumentException($"{frame.Pixels.Length} bytes are no {frame.Width}x{frame.Height} RGB picture; give {(long)frame.Width * frame.Height * Channels}", nameof(frame));
        }

        var scaled = frame;
        if (scaled.Width != width)
        {
            scaled = new RgbFrame(frame.CaptureTime, width, frame.Height, ScaleRows(scaled.Pixels.Span, frame.Width, frame.Height, width));
        }

        return scaled.Height == height
            ? scaled
            : new RgbFrame(frame.CaptureTime, width, height, ScaleColumns(scaled.Pixels.Span, scaled.Height, width * Channels, height));
    }

    private static byte[] ScaleRows(ReadOnlySpan<byte> pixels, int width, int height, int newWidth)
    {
        var windows = Windows(width, newWidth);
        var scaled = new byte[height * newWidth * Channels];
        var at = 0;
        for (var row = 0; row < height; row++)
        {
            var line = pixels.Slice(row * width * Channels, width * Channels);
            foreach (var (first, weights) in windows)
            {
                var (red, green, blue) = (Half, Half, Half);
                for (var i = 0; i < weights.Length; i++)
                {
                    var source = (first + i) * Channels;
                    red += line[source] * weights[i];
                    green += line[source + 1] * weights[i];
                    blue += line[source + 2] * weights[i];
                }

                scaled[at++] = Clip(red);
                scaled[at++] = Clip(green);
                scaled[at++] = Clip(blue);
            }
        }

        return scaled;
    }

    private static byte[] ScaleColumns(ReadOnlySpan<byte> pixels, int height, int stride, int newHeight)
    {
        var windows = Windows(height, newHeight);
        var scaled = new byte[newHeight * stride];
        var sums = new int[stride];
        for (var row = 0; row < newHeight; row++)
        {
            var (first, weights) = windows[row];
            Array.Fill(sums, Half);
            for (var i = 0; i < weights.Length; i++)
            {
                var line = pixels.Slice((first + i) * stride, stride);
                for (var column = 0; column < stride; column++)
                {
                    sums[column] += line[column] * weights[i];
                }
            }

            for (var column = 0; column < stride; column++)
            {
                scaled[(row * stride) + column] = Clip(sums[column]);
            }
        }

        return scaled;
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> Precision, 0, 255);

    // For each new pixel the old pixels under the window and their weights, in 22 fractional bits.
    private static (int First, int[] Weights)[] Windows(int oldCount, int newCount)
    {
        var scale = (double)oldCount / newCount;
        var stretch = Math.Max(scale, 1); // a smaller picture needs a wider window
        var support = Lobes * stretch;
        var windows = new (int, int[])[newCount];
        for (var i = 0; i < newCount; i++)
        {
            var centre = (i + 0.5) * scale;
            var first = Math.Max(0, (int)(centre - support + 0.5));
            var count = Math.Min(oldCount, (int)(centre + support + 0.5)) - first;
            var weights = new double[count];
            var total = 0.0;
            for (var k = 0; k < count; k++)
            {
                weights[k] = Lanczos((k + first - centre + 0.5) * (1 / stretch));
                total += weights[k];
            }

            windows[i] = (first, [.. weights.Select(weight => Fixed(total == 0 ? weight : weight * (1 / total)))]);
        }

        return windows;
    }

    private static int Fixed(double weight) => (int)((weight * (1 << Precision)) + (weight < 0 ? -0.5 : 0.5));

    private static double Lanczos(double x) => x is >= -Lobes and < Lobes ? Sinc(x) * Sinc(x / Lobes) : 0;

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
