using Streams.Processors.Captioning.Families.Mm1;
using Streams.Schemas.Frames;

namespace Streams.Captioning.Tests.Families.Mm1;

public sealed class ImageSplitterTests
{
    [Fact]
    public void Dynamic_GoldenPictures_EqualsTheReference()
    {
        foreach (var item in Golden.Json("preprocess/mm15_grid.json").AsArray())
        {
            var (height, width, cell) = ((int)item!["h"]!, (int)item["w"]!, (int)item["r"]!);
            var grid = ImageGrid.Dynamic(height, width, cell, (int)item["n_min"]!, (int)item["n_max"]!);

            Assert.Equal([(int)item["grid"]![0]!, (int)item["grid"]![1]!], new[] { grid.Rows, grid.Columns });
            Assert.Equal([(int)item["resized"]![0]!, (int)item["resized"]![1]!], new[] { grid.Height, grid.Width });
            Assert.Equal([(int)item["canvas"]![0]!, (int)item["canvas"]![1]!], new[] { grid.Rows * cell, grid.Columns * cell });
        }
    }

    [Fact]
    public void Split_GoldenGrids_CellsRowByRowAndTheOverviewLast()
    {
        // The same shapes at a twentieth of the size, which leaves the choice of the grid as it is.
        foreach (var item in Golden.Json("preprocess/mm15_grid.json").AsArray().Where(item => (int)item!["h"]! % 20 == 0 && (int)item["w"]! % 20 == 0))
        {
            var config = new SplittingConfig { CellSize = 33, MinCells = (int)item!["n_min"]!, MaxCells = (int)item["n_max"]! };
            var image = Picture((int)item["h"]! / 20, (int)item["w"]! / 20);
            var grid = ImageGrid.Dynamic(image.Height, image.Width, 33, config.MinCells, config.MaxCells);

            var cells = ImageSplitter.Split(image, 0, config, cut: true);

            Assert.All(cells, cell => Assert.Equal((33, 33), (cell.Image.Width, cell.Image.Height)));
            Assert.Equal(grid.Rows * grid.Columns is 1 ? 1 : (grid.Rows * grid.Columns) + 1, cells.Count);
            if ((grid.Rows, grid.Columns) == ((int)item["grid"]![0]!, (int)item["grid"]![1]!))
            {
                Assert.Equal(item["order"]!.AsArray().Select(at => ((int)at![0]!, (int)at[1]!, (int)at[2]!)), cells.Select(cell => (cell.Picture, cell.Row, cell.Column)));
            }
        }
    }

    [Fact]
    public void Split_StaticTwoByTwo_CellsAreTheQuarters()
    {
        var image = Picture(8, 8);
        var cells = ImageSplitter.Split(image, 3, new SplittingConfig { Mode = SplittingMode.Static, CellSize = 4 }, cut: true);

        Assert.Equal([(3, 1, 1), (3, 1, 2), (3, 2, 1), (3, 2, 2), (3, 0, 0)], cells.Select(cell => (cell.Picture, cell.Row, cell.Column)));
        Assert.Equal(image.Pixels.Slice(((4 * 8) + 4) * 3, 12).ToArray(), cells[3].Image.Pixels[..12].ToArray());
    }

    [Fact]
    public void Split_WideInAStaticGrid_BlackBelow()
    {
        var cells = ImageSplitter.Split(Picture(4, 8), 0, new SplittingConfig { Mode = SplittingMode.Static, CellSize = 4 }, cut: true);

        Assert.All(cells[2].Image.Pixels.ToArray().Concat(cells[3].Image.Pixels.ToArray()), value => Assert.Equal(0, value));
        Assert.Contains(cells[0].Image.Pixels.ToArray(), value => value != 0);
    }

    internal static RgbFrame Picture(int height, int width)
    {
        var pixels = new byte[height * width * 3];
        new Random(height + width).NextBytes(pixels);
        return new RgbFrame(default, width, height, pixels);
    }
}
