using Streams.Processors.Captioning.Serving;

namespace Streams.Captioning.Tests.Serving;

public sealed class FairQueueTests
{
    [Fact]
    public void TryDequeue_OneCameraWithABacklog_OthersTakeTurnsWithIt()
    {
        var queue = new FairQueue<string>();
        foreach (var item in new[] { "a1", "a2", "a3", "a4", "b1", "c1", "c2" })
        {
            queue.Enqueue(item[..1], item);
        }

        Assert.Equal((7, 4, 0), (queue.Count, queue.CountOf("a"), queue.CountOf("z")));
        Assert.Equal(["a1", "b1", "c1", "a2", "c2", "a3"], Take(queue, 6));
        queue.Enqueue("b", "b2");
        Assert.Equal(["a4", "b2"], Take(queue, 2));
        Assert.False(queue.TryDequeue(out _));
    }

    [Fact]
    public void TryPeek_ItemsOfTwoCameras_ThatOfWhoseTurnItIs()
    {
        var queue = new FairQueue<string>();
        Assert.False(queue.TryPeek(out _));
        queue.Enqueue("a", "a1");
        queue.Enqueue("b", "b1");

        Assert.True(queue.TryPeek(out var first));
        Take(queue, 1);
        Assert.True(queue.TryPeek(out var second));
        Assert.Equal(("a1", "b1", 1), (first, second, queue.Count));
    }

    private static List<string> Take(FairQueue<string> queue, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => queue.TryDequeue(out var item) ? item : throw new InvalidOperationException("empty"))];
}
