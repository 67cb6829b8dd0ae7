using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Captioning.Tests.Pipeline;

public sealed class AreaScalerTests
{
    [Fact]
    public void Scale_WholeFactor_AveragesBlocks()
    {
        byte[] pixels = [0, 10, 20, 100, 30, 20, 40, 10, 20, 60, 30, 20];

        var scaled = AreaScaler.Scale(new RgbFrame(default, 2, 2, pixels), 1, 1);

        Assert.Equal(new byte[] { 50, 20, 20 }, scaled.Pixels.ToArray());
    }

    [Fact]
    public void Scale_FractionalFactor_WeighsPixelsByTheirShare()
    {
        byte[] pixels = [0, 0, 0, 90, 90, 90, 240, 240, 240];

        var scaled = AreaScaler.Scale(new RgbFrame(default, 3, 1, pixels), 2, 1);

        Assert.Equal([30, 30, 30, 190, 190, 190], scaled.Pixels.ToArray());
    }

    [Fact]
    public void Scale_SameSize_IsTheFrameItself()
    {
        var frame = new RgbFrame(default, 1, 1, new byte[3]);

        Assert.Same(frame, AreaScaler.Scale(frame, 1, 1));
    }

    [Theory]
    [InlineData(192)]
    [InlineData(384)]
    [InlineData(500)]
    public void Scale_SceneRenderedLarge_IsNearlyTheSceneRenderedSmall(int size)
    {
        var scene = ClipScenes.Create(11, 4);

        var scaled = AreaScaler.Scale(SceneRenderer.RenderFrame(scene, 3, size), 48, 48).Pixels.ToArray();
        var direct = SceneRenderer.RenderFrame(scene, 3, 48).Pixels.ToArray();

        Assert.InRange(scaled.Zip(direct, (a, b) => Math.Abs(a - b)).Average(), 0, 1.5);
    }
}
