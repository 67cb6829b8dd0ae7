using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Clips;

/// <summary>Draws a scene at any time and size, with smooth edges.</summary>
public static class SceneRenderer
{
    /// <summary>Who owns the pixels of a sign.</summary>
    internal const byte SignOwner = byte.MaxValue;

    private const int SignSamples = 3;

    /// <summary>The scene at <paramref name="tick"/> as a square picture of <paramref name="size"/> pixels a side.</summary>
    public static RgbFrame RenderFrame(ClipScene scene, double tick, int size, DateTimeOffset captureTime = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 8);
        var pixels = new byte[size * size * 3];
        Render(scene, tick, size, pixels, null);
        return new RgbFrame(captureTime, size, size, pixels);
    }

    /// <summary>
    /// The same into <paramref name="pixels"/>; <paramref name="owners"/>, where given, gets for each pixel 0, <see cref="SignOwner"/>, or
    /// 1 + the number of the object seen there, counted through all descriptions.
    /// </summary>
    internal static void Render(ClipScene scene, double tick, int size, Span<byte> pixels, byte[]? owners)
    {
        RenderStill(scene, size, pixels, owners);
        RenderObjects(scene, tick, size, pixels, owners);
    }

    /// <summary>What does not change during a clip: background and sign.</summary>
    internal static void RenderStill(ClipScene scene, int size, Span<byte> pixels, byte[]? owners)
    {
        DrawBackground(scene.Background, size, pixels);
        owners?.AsSpan().Clear();
        if (scene.Sign is { } sign)
        {
            Draw(sign, size, pixels, owners);
        }
    }

    /// <summary>The objects, upon what <see cref="RenderStill"/> has drawn.</summary>
    internal static void RenderObjects(ClipScene scene, double tick, int size, Span<byte> pixels, byte[]? owners)
    {
        byte owner = 0;
        foreach (var item in scene.Objects)
        {
            for (var member = 0; member < item.Description.Count; member++)
            {
                owner++;
                if (item.IsVisible(tick))
                {
                    Draw(item, item.At(tick, member), size, pixels, owners, owner);
                }
            }
        }
    }

    private static void DrawBackground(SceneBackdrop background, int size, Span<byte> pixels)
    {
        var (red, green, blue) = background.Colour;
        var (columns, rows) = (background.Lights(size, alongRow: true), background.Lights(size, alongRow: false));
        var at = 0;
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                var light = columns[column].Gradient + rows[row].Gradient + (columns[column].Pattern * rows[row].Pattern * background.Contrast);
                pixels[at++] = ToByte(red + light);
                pixels[at++] = ToByte(green + light);
                pixels[at++] = ToByte(blue + light);
            }
        }
    }

    private static void Draw(SceneSign sign, int size, Span<byte> pixels, byte[]? owners)
    {
        var (left, right) = ((int)(sign.Left * size), (int)Math.Ceiling((sign.Left + sign.Width) * size));
        var (top, bottom) = ((int)(sign.Top * size), (int)Math.Ceiling((sign.Top + sign.Height) * size));
        for (var row = top; row < bottom; row++)
        {
            for (var column = left; column < right; column++)
            {
                var (panel, ink) = Cover(sign, size, column, row);
                var at = ((row * size) + column) * 3;
                Blend(pixels, at, sign.Panel, panel);
                Blend(pixels, at, sign.Ink, ink);
                if (owners is not null && panel >= 0.5)
                {
                    owners[(row * size) + column] = SignOwner;
                }
            }
        }
    }

    // Shares of a pixel that the panel and the ink cover.
    private static (double Panel, double Ink) Cover(SceneSign sign, int size, int column, int row)
    {
        var (panel, ink) = (0, 0);
        for (var sample = 0; sample < SignSamples * SignSamples; sample++)
        {
            var x = (((column + (((sample % SignSamples) + 0.5) / SignSamples)) / size) - sign.Left) / sign.Cell;
            var y = (((row + (((sample / SignSamples) + 0.5) / SignSamples)) / size) - sign.Top) / sign.Cell;
            if (x >= 0 && y >= 0 && x < SignFont.Columns(sign.Text) && y < SignFont.Rows)
            {
                panel++;
                ink += SignFont.IsInk(sign.Text, (int)x, (int)y) ? 1 : 0;
            }
        }

        return ((double)panel / (SignSamples * SignSamples), (double)ink / (SignSamples * SignSamples));
    }

    private static void Draw(SceneObject item, (double X, double Y) centre, int size, Span<byte> pixels, byte[]? owners, byte owner)
    {
        var (x, y) = centre;
        var reach = 1.3 * item.Radius;
        var (top, bottom) = (Math.Max(0, (int)((y - reach) * size) - 1), Math.Min(size - 1, (int)((y + reach) * size) + 1));
        var (left, right) = (Math.Max(0, (int)((x - reach) * size) - 1), Math.Min(size - 1, (int)((x + reach) * size) + 1));
        for (var row = top; row <= bottom; row++)
        {
            for (var column = left; column <= right; column++)
            {
                var (across, down) = (((column + 0.5) / size) - x, ((row + 0.5) / size) - y);
                var distance = item.Outline?.Distance(across, down, item.Radius) ?? Distance(item.Description.Shape, across, down, item.Radius);
                var cover = Math.Clamp(0.5 - (distance * size), 0, 1);
                if (cover <= 0)
                {
                    continue;
                }

                var pixel = (row * size) + column;
                Blend(pixels, pixel * 3, item.Colour, cover);
                if (owners is not null && cover >= 0.5)
                {
                    owners[pixel] = owner;
                }
            }
        }
    }

    private static void Blend(Span<byte> pixels, int at, (byte Red, byte Green, byte Blue) colour, double cover)
    {
        pixels[at] = ToByte(pixels[at] + (cover * (colour.Red - pixels[at])));
        pixels[at + 1] = ToByte(pixels[at + 1] + (cover * (colour.Green - pixels[at + 1])));
        pixels[at + 2] = ToByte(pixels[at + 2] + (cover * (colour.Blue - pixels[at + 2])));
    }

    // Signed distance to the edge, negative inside; the factors make the five areas about equal.
    private static double Distance(ObjectShape shape, double x, double y, double radius)
    {
        var (ax, ay) = (Math.Abs(x), Math.Abs(y));
        switch (shape)
        {
            case ObjectShape.Circle:
                return Math.Sqrt((x * x) + (y * y)) - radius;
            case ObjectShape.Square:
                return Math.Max(ax, ay) - (0.9 * radius);
            case ObjectShape.Diamond:
                return (ax + ay - (1.25 * radius)) * 0.70710678118654752;
            case ObjectShape.Triangle:
                var down = y - (0.15 * radius); // the tip reaches further from the centre of mass than the base
                return Math.Max(down - (0.68 * radius), (ax * 0.86602540378443865) - (down * 0.5) - (0.68 * radius));
            default:
                var (wide, narrow) = (1.1 * radius, 0.38 * radius);
                return Math.Min(Math.Max(ax - wide, ay - narrow), Math.Max(ax - narrow, ay - wide));
        }
    }

    private static byte ToByte(double value) => (byte)Math.Clamp(value + 0.5, 0, 255);
}
