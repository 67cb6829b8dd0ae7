using Streams.Processors.Captioning.Clips;

namespace Streams.Captioning.Tests.Clips;

public sealed class ClipScenesTests
{
    [Fact]
    public void Create_SameSeedAndIndex_SameScene()
    {
        var (first, second) = (ClipScenes.Create(5, 9), ClipScenes.Create(5, 9));

        Assert.Equal(first.Caption, second.Caption);
        Assert.Equal(SceneRenderer.RenderFrame(first, 3, 48).Pixels.ToArray(), SceneRenderer.RenderFrame(second, 3, 48).Pixels.ToArray());
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
            Assert.Equal(item.Description.Count, item.Starts.Count);
            Assert.Equal(item.Description.Motion == ObjectMotion.Still, item.Description.Speed is null);
            foreach (var (x, y) in Enumerable.Range(0, item.Description.Count).SelectMany(member => new[] { item.At(0, member), item.At(ClipScene.Ticks - 1, member) }))
            {
                Assert.InRange(x, item.Radius * 0.8, 1 - (item.Radius * 0.8));
                Assert.InRange(y, item.Radius * 0.8, 1 - (item.Radius * 0.8));
            }
        }
    });

    [Fact]
    public void Create_ManyScenes_EveryWordAndCountIsSeen()
    {
        var scenes = Enumerable.Range(0, 2000).Select(index => ClipScenes.Create(2, index)).ToList();

        Assert.Equal(Enum.GetValues<SignWord>(), scenes.Select(scene => scene.Sign?.Word).OfType<SignWord>().Distinct().Order());
        Assert.Equal(Enumerable.Range(1, ObjectDescription.MaxCount), scenes.SelectMany(scene => scene.Objects).Select(item => item.Description.Count).Distinct().Order());
    }

    [Fact]
    public void RenderFrame_CountedObjects_AsManySpotsOfTheirColour() => Assert.All(
        Enumerable.Range(0, 400).Select(index => ClipScenes.Create(8, index)).Where(scene => scene is { Sign: null, Objects: [{ BlinkTicks: 0 }] }),
        scene => Assert.Equal(scene.Objects[0].Description.Count, Spots(scene, 192)));

    [Fact]
    public void RenderFrame_Sign_LettersStandOutAndNothingCoversThem() => Assert.All(
        Enumerable.Range(0, 200).Select(index => ClipScenes.Create(8, index)).Where(scene => scene.Sign is not null),
        scene =>
        {
            var owners = new byte[96 * 96];
            var pixels = new byte[96 * 96 * 3];
            var panels = Enumerable.Range(0, ClipScene.Ticks).Select(tick =>
            {
                SceneRenderer.Render(scene, tick, 96, pixels, owners);
                return owners.Count(owner => owner == SceneRenderer.SignOwner);
            }).ToList();
            Assert.InRange(panels.Min(), 0.98 * panels.Max(), panels.Max()); // a tip may touch the rim, never the letters
            Assert.InRange(panels[0] / (96.0 * 96 * scene.Sign!.Width * scene.Sign.Height), 0.9, 1.1);
        });

    [Fact]
    public void RenderFrame_MovingObject_ItsColourMovesWithIt()
    {
        var scene = Enumerable.Range(0, 1000).Select(index => ClipScenes.Create(3, index))
            .First(scene => scene.Objects is [{ Description: { Motion: ObjectMotion.Right, Speed: ObjectSpeed.Quick, Count: 1 } }]);
        var item = scene.Objects[0];

        foreach (var tick in new[] { 0, 7 })
        {
            var (x, y) = item.At(tick);
            var pixels = SceneRenderer.RenderFrame(scene, tick, 96).Pixels.Span;
            var at = (((int)(y * 96) * 96) + (int)(x * 96)) * 3;
            Assert.Equal([item.Colour.Red, item.Colour.Green, item.Colour.Blue], pixels.Slice(at, 3).ToArray());
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

    // Connected places that the objects own.
    private static int Spots(ClipScene scene, int size)
    {
        var owners = new byte[size * size];
        SceneRenderer.Render(scene, 0, size, new byte[size * size * 3], owners);
        var spots = 0;
        var waiting = new Stack<int>();
        for (var start = 0; start < owners.Length; start++)
        {
            spots += owners[start] == 0 ? 0 : 1;
            waiting.Push(start);
            while (waiting.TryPop(out var at))
            {
                if (owners[at] == 0)
                {
                    continue;
                }

                owners[at] = 0;
                foreach (var next in new[] { at - 1, at + 1, at - size, at + size }.Where(next => next >= 0 && next < owners.Length))
                {
                    waiting.Push(next);
                }
            }
        }

        return spots;
    }
}
