using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Clips;

/// <summary>Draws a scene at any time and size, with smooth edges.</summary>
public static class SceneRenderer
{
    /// <summary>The scene at <paramref name="tick"/> as a square picture of <paramref name="size"/> pixels a side.</summary>
    public static RgbFrame RenderFrame(ClipScene scene, double tick, int size, DateTimeOffset captureTime = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 8);
        var pixels = new byte[size * size * 3];
        Render(scene, tick, size, pixels, null);
        return new RgbFrame(captureTime, size, size, pixels);
    }

    /// <summary>The same into <paramref name="pixels"/>; <paramref name="owners"/>, where given, gets 1 + the index of the object seen at each pixel, or 0.</summary>
    internal static void Render(ClipScene scene, double tick, int size, Span<byte> pixels, byte[]? owners)
    {
        DrawBackground(scene, size, pixels);
        owners?.AsSpan().Clear();
        for (var i = 0; i < scene.Objects.Count; i++)
        {
            if (scene.Objects[i].IsVisible(tick))
            {
                Draw(scene.Objects[i], tick, size, pixels, owners, (byte)(i + 1));
            }
        }
    }

    private static void DrawBackground(ClipScene scene, int size, Span<byte> pixels)
    {
        var (red, green, blue) = scene.BackgroundColour;
        var at = 0;
        for (var row = 0; row < size; row++)
        {
            var vertical = scene.GradientY * (((row + 0.5) / size) - 0.5);
            for (var column = 0; column < size; column++)
            {
                var light = vertical + (scene.GradientX * (((column + 0.5) / size) - 0.5));
                pixels[at++] = ToByte(red + light);
                pixels[at++] = ToByte(green + light);
                pixels[at++] = ToByte(blue + light);
            }
        }
    }

    private static void Draw(SceneObject item, double tick, int size, Span<byte> pixels, byte[]? owners, byte owner)
    {
        var (x, y) = item.At(tick);
        var reach = 1.3 * item.Radius;
        var (top, bottom) = (Math.Max(0, (int)((y - reach) * size) - 1), Math.Min(size - 1, (int)((y + reach) * size) + 1));
        var (left, right) = (Math.Max(0, (int)((x - reach) * size) - 1), Math.Min(size - 1, (int)((x + reach) * size) + 1));
        for (var row = top; row <= bottom; row++)
        {
            for (var column = left; column <= right; column++)
            {
                var distance = Distance(item.Description.Shape, ((column + 0.5) / size) - x, ((row + 0.5) / size) - y, item.Radius);
                var cover = Math.Clamp(0.5 - (distance * size), 0, 1);
                if (cover <= 0)
                {
                    continue;
                }

                var pixel = (row * size) + column;
                var at = pixel * 3;
                pixels[at] = ToByte(pixels[at] + (cover * (item.Red - pixels[at])));
                pixels[at + 1] = ToByte(pixels[at + 1] + (cover * (item.Green - pixels[at + 1])));
                pixels[at + 2] = ToByte(pixels[at + 2] + (cover * (item.Blue - pixels[at + 2])));
                if (owners is not null && cover >= 0.5)
                {
                    owners[pixel] = owner;
                }
            }
        }
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
