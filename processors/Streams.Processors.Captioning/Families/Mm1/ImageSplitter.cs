using Streams.Processors.Captioning.Preprocessing;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Families.Mm1;

/// <summary>Cuts a picture into cells, the overview last: under the causal mask it then attends to all of them.</summary>
internal static class ImageSplitter
{
    /// <summary>The cells of picture <paramref name="picture"/>, row by row, and its overview; one cell alone when the grid is 1 x 1.</summary>
    public static IReadOnlyList<SubImage> Split(RgbFrame image, int picture, SplittingConfig config, bool cut)
    {
        var cell = config.CellSize;
        var grid = (cut ? config.Mode : SplittingMode.None) switch
        {
            SplittingMode.Static => ImageGrid.Static(image.Height, image.Width, cell, config.StaticRows, config.StaticColumns),
            SplittingMode.Dynamic => ImageGrid.Dynamic(image.Height, image.Width, cell, config.MinCells, config.MaxCells),
            _ => ImageGrid.Static(image.Height, image.Width, cell, 1, 1),
        };
        var canvas = Place(image, grid, cell);
        var cells = Enumerable.Range(0, grid.Rows * grid.Columns)
            .Select(i => new SubImage(RgbCrop.Take(canvas, i % grid.Columns * cell, i / grid.Columns * cell, cell, cell), picture, (i / grid.Columns) + 1, (i % grid.Columns) + 1))
            .ToList();
        if (cells.Count > 1)
        {
            cells.Add(new SubImage(Place(image, ImageGrid.Static(image.Height, image.Width, cell, 1, 1), cell), picture, 0, 0));
        }

        return cells;
    }

    // Scaled to the grid, at the upper left of a black canvas of whole cells.
    private static RgbFrame Place(RgbFrame image, ImageGrid grid, int cell)
    {
        var scaled = LanczosScaler.Scale(image, grid.Width, grid.Height);
        var (width, height) = (grid.Columns * cell, grid.Rows * cell);
        if (scaled.Width == width && scaled.Height == height)
        {
            return scaled;
        }

        var pixels = new byte[width * height * 3];
        for (var row = 0; row < scaled.Height; row++)
        {
            scaled.Pixels.Span.Slice(row * scaled.Width * 3, scaled.Width * 3).CopyTo(pixels.AsSpan(row * width * 3));
        }

        return new RgbFrame(image.CaptureTime, width, height, pixels);
    }
}
