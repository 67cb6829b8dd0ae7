using Streams.Processors.Captioning.Clips;

namespace Streams.Captioning.Tests.Clips;

public sealed class ClipScenesTests
{
    [Fact]
    public void Create_SameSeedAndIndex_SameScene()
    {
        var (first, second) = (ClipScenes.Create(5, 9), ClipScenes.Create(5, 9));

        Assert.Equal(first.Caption, second.Caption);
        Assert.Equal(first.Objects, second.Objects);
    }

    [Fact]
    public void Create_TrainingAndHeldOut_DisjointCombinations()
    {
        Assert.All(Enumerable.Range(0, 2000), index =>
        {
            Assert.DoesNotContain(ClipScenes.Create(1, index).Objects, item => HeldOutCombinations.Contains(item.Description));
            Assert.Contains(ClipScenes.Create(1, index, ClipSplit.HeldOut).Objects, item => HeldOutCombinations.Contains(item.Description));
        });
    }

    [Fact]
    public void Create_ManyScenes_ObjectsStayInsideAndColoursDiffer() => Assert.All(Enumerable.Range(0, 2000), index =>
    {
        var scene = ClipScenes.Create(2, index);
        Assert.Equal(scene.Objects.Count, scene.Objects.Select(item => item.Description.Colour).Distinct().Count());
        foreach (var item in scene.Objects)
        {
            foreach (var (x, y) in new[] { item.At(0), item.At(ClipScene.Ticks - 1) })
            {
                Assert.InRange(x, item.Radius * 0.8, 1 - (item.Radius * 0.8));
                Assert.InRange(y, item.Radius * 0.8, 1 - (item.Radius * 0.8));
            }

            Assert.Equal(item.Description.Motion == ObjectMotion.Still, item.Description.Speed is null);
        }
    });

    [Fact]
    public void RenderFrame_MovingObject_ItsColourMovesWithIt()
    {
        var scene = Enumerable.Range(0, 1000).Select(index => ClipScenes.Create(3, index))
            .First(scene => scene.Objects is [{ Description: { Motion: ObjectMotion.Right, Speed: ObjectSpeed.Quick } }]);
        var item = scene.Objects[0];

        foreach (var tick in new[] { 0, 7 })
        {
            var (x, y) = item.At(tick);
            var pixels = SceneRenderer.RenderFrame(scene, tick, 96).Pixels.Span;
            var at = (((int)(y * 96) * 96) + (int)(x * 96)) * 3;
            Assert.Equal([item.Red, item.Green, item.Blue], pixels.Slice(at, 3).ToArray());
        }
    }

    [Fact]
    public void RenderFrame_BlinkingObject_IsGoneHalfOfTheTime()
    {
        var scene = Enumerable.Range(0, 1000).Select(index => ClipScenes.Create(3, index))
            .First(scene => scene.Objects is [{ Description.Motion: ObjectMotion.Blink }]);

        var seen = Enumerable.Range(0, ClipScene.Ticks).Count(tick => scene.Objects[0].IsVisible(tick));

        Assert.Equal(ClipScene.Ticks / 2, seen);
    }
}
