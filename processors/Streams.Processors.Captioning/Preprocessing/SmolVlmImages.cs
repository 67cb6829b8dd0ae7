using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Preprocessing;

/// <summary>Pictures and video frames as Idefics3 (arXiv 2408.12637) and SmolVLM (arXiv 2504.05299) cut them.</summary>
internal static class SmolVlmImages
{
    private const int MaxSide = 4096; // the reference's own bound, whatever the configuration says

    /// <summary>The tiles of a picture and, last, the whole of it.</summary>
    public static TiledImage Split(RgbFrame image, SmolVlmImageConfig config) =>
        config.SplitImages ? Cut(image, config.LongestEdge, config.TileSize) : Whole(image, config.TileSize);

    /// <summary>A frame of a video: one tile, scaled before to the size that the model saw in training.</summary>
    public static TiledImage Frame(RgbFrame frame, SmolVlmImageConfig config) => Whole(Shrink(frame, config), config.TileSize);

    /// <summary>A frame at the size that it is squashed from.</summary>
    public static RgbFrame Shrink(RgbFrame frame, SmolVlmImageConfig config)
    {
        var (width, height) = Resized(frame.Width, frame.Height, config.VideoLongestEdge);
        return LanczosScaler.Scale(frame, width, height);
    }

    /// <summary>Scales the longest edge to <paramref name="longestEdge"/>, fills up to whole tiles and cuts.</summary>
    internal static TiledImage Cut(RgbFrame image, int longestEdge, int tile)
    {
        var (width, height) = Resized(image.Width, image.Height, longestEdge);
        var resized = LanczosScaler.Scale(image, width, height);
        (width, height) = Padded(width, height, tile);
        var padded = LanczosScaler.Scale(resized, width, height);
        if (width <= tile && height <= tile)
        {
            return new TiledImage([padded], 0, 0);
        }

        var (rows, columns) = (height / tile, width / tile);
        var tiles = Enumerable.Range(0, rows * columns).Select(i => RgbCrop.Take(padded, i % columns * tile, i / columns * tile, tile, tile)).ToList();
        tiles.Add(LanczosScaler.Scale(padded, tile, tile));
        return new TiledImage(tiles, rows, columns);
    }

    /// <summary>The size with the longer side <paramref name="longestEdge"/> and the other even.</summary>
    internal static (int Width, int Height) Resized(int width, int height, int longestEdge)
    {
        var edge = Math.Min(longestEdge, MaxSide);
        var aspect = (double)width / height;
        static int Even(int side) => Math.Max(1, side + (side & 1));
        return width >= height ? (edge, Even((int)(edge / aspect))) : (Even((int)(edge * aspect)), edge);
    }

    /// <summary>The size in whole tiles, the shape kept as nearly as that allows.</summary>
    internal static (int Width, int Height) Padded(int width, int height, int tile)
    {
        int Up(int side) => (side + tile - 1) / tile * tile;
        var aspect = (double)width / height;
        return width >= height ? (Up(width), Up((int)(Up(width) / aspect))) : (Up((int)(Up(height) * aspect)), Up(height));
    }

    private static TiledImage Whole(RgbFrame image, int tile) => new([LanczosScaler.Scale(image, tile, tile)], 0, 0);
}
