using Streams.Processors.Captioning.Preprocessing;
using Streams.Schemas.Frames;
using TorchSharp;

namespace Streams.Captioning.Tests.Preprocessing;

public sealed class SmolVlmImagesTests
{
    [Theory]
    [InlineData("landscape_split")]
    [InlineData("portrait_split")]
    [InlineData("square_small_split")]
    [InlineData("video_frame_48x80")]
    [InlineData("video_frame_nosplit")]
    public void Split_GoldenPictures_EqualsPillowToTheByte(string name)
    {
        using var scope = torch.NewDisposeScope();
        var tensors = Golden.Tensors("preprocess/smolvlm_image.safetensors");
        var json = Golden.Json("preprocess/smolvlm_image.json").AsArray().Single(item => (string)item!["name"]! == name)!;
        var input = tensors[$"{name}.input_hwc_u8"];
        var image = new RgbFrame(default, (int)input.shape[1], (int)input.shape[0], input.bytes.ToArray());
        var config = new SmolVlmImageConfig
        {
            TileSize = (int)json["max_image_size"]!,
            LongestEdge = (int)json["size"]!["longest_edge"]!,
            VideoLongestEdge = (int)json["size"]!["longest_edge"]!,
            SplitImages = (bool)json["do_image_splitting"]!,
        };

        // The reference's video frames go the way of pictures that are as large as one tile.
        var split = name == "video_frame_nosplit" ? SmolVlmImages.Frame(image, config) : SmolVlmImages.Split(image, config);

        var expected = tensors[$"{name}.tiles_nchw_u8"].permute(0, 2, 3, 1).contiguous().bytes.ToArray();
        Assert.Equal(((int)json["rows"]![0]![0]!, (int)json["cols"]![0]![0]!), (split.Rows, split.Columns));
        Assert.Equal(expected, split.Tiles.SelectMany(tile => tile.Pixels.ToArray()));
    }

    [Fact]
    public void Resized_GoldenSizes_EqualTheReference()
    {
        foreach (var size in Golden.Json("preprocess/smolvlm_sizes.json").AsArray())
        {
            const int Tile = 512;
            var (width, height) = SmolVlmImages.Resized((int)size!["w"]!, (int)size["h"]!, (int)size["longest_edge"]!);
            var (paddedWidth, paddedHeight) = SmolVlmImages.Padded(width, height, Tile);
            var whole = paddedWidth <= Tile && paddedHeight <= Tile;

            Assert.Equal([(int)size["resized"]![0]!, (int)size["resized"]![1]!], new[] { height, width });
            Assert.Equal([(int)size["encoder_size"]![0]!, (int)size["encoder_size"]![1]!], new[] { paddedHeight, paddedWidth });
            Assert.Equal(((int)size["rows"]!, (int)size["cols"]!), whole ? (0, 0) : (paddedHeight / Tile, paddedWidth / Tile));
        }
    }

    [Fact]
    public void Scale_PixelsThatAreNotThePicture_NamesBothSizes()
    {
        var error = Assert.Throws<ArgumentException>(() => LanczosScaler.Scale(new RgbFrame(default, 4, 4, new byte[47]), 2, 2));

        Assert.Contains("47 bytes are no 4x4", error.Message, StringComparison.Ordinal);
    }
}
