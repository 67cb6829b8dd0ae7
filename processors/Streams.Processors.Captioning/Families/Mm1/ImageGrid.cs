namespace Streams.Processors.Captioning.Families.Mm1;

/// <summary>How a picture is laid over square cells.</summary>
/// <param name="Rows">Rows of cells.</param>
/// <param name="Columns">Cells in a row.</param>
/// <param name="Height">Height of the scaled picture; the rest of the canvas is padding.</param>
/// <param name="Width">Width of the scaled picture.</param>
internal readonly record struct ImageGrid(int Rows, int Columns, int Height, int Width)
{
    /// <summary>A grid given beforehand, as MM1 and SPHINX split: the picture scaled to fit it.</summary>
    public static ImageGrid Static(int height, int width, int cell, int rows, int columns)
    {
        var scale = Math.Min((double)rows * cell / height, (double)columns * cell / width);
        return new ImageGrid(rows, columns, Math.Max(1, (int)Math.Round(height * scale)), Math.Max(1, (int)Math.Round(width * scale)));
    }

    /// <summary>
    /// MM1.5's choice (arXiv 2409.20566, equation 1): of the grids of <paramref name="min"/> to <paramref name="max"/> cells that hold the
    /// picture without scaling it down, the one with the least padding; where none does, the one that loses the least resolution. The paper
    /// leaves ties open; here the fewest cells win, then the fewest rows.
    /// </summary>
    public static ImageGrid Dynamic(int height, int width, int cell, int min, int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(min, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, min);
        var grids = Enumerable.Range(1, max)
            .SelectMany(rows => Enumerable.Range(1, max / rows).Select(columns => (Rows: rows, Columns: columns)))
            .Where(grid => grid.Rows * grid.Columns >= min)
            .Select(grid => Static(height, width, cell, grid.Rows, grid.Columns))
            .ToList();
        var covering = grids.Where(grid => grid.Height >= height && grid.Width >= width).ToList();
        return covering.Count > 0
            ? covering.MinBy(grid => (((long)grid.Rows * grid.Columns * cell * cell) - grid.Pixels, grid.Rows * grid.Columns, grid.Rows))
            : grids.MinBy(grid => (-grid.Pixels, grid.Rows * grid.Columns, grid.Rows));
    }

    private long Pixels => (long)Height * Width;
}
