using Streams.Processors.Captioning.Serving;
using Streams.Schemas.Frames;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Serving;

public sealed class EmbeddingCacheTests
{
    [Fact]
    public void Find_MoreThanTheBudget_TheLeastRecentlyUsedIsGone()
    {
        using var scope = NewDisposeScope();
        using var cache = new EmbeddingCache(maxBytes: 3 * 16);
        foreach (var key in new[] { "a", "b", "c" })
        {
            cache.Add(key, ones(1, 2, 2) * key[0]);
        }

        Assert.NotNull(cache.Find("a"));
        cache.Add("d", ones(1, 2, 2));

        Assert.Null(cache.Find("b"));
        Assert.Equal([97f, 97f, 97f, 97f], cache.Find("a")!.data<float>().ToArray());
        Assert.Equal(48, cache.Bytes);
        cache.Add("large", ones(100));
        Assert.Equal(48, cache.Bytes);
    }

    [Fact]
    public void KeyOf_OnePixelByOneLevel_IsAnother()
    {
        var (one, other) = (new byte[48], new byte[48]);
        other[47] = 1;

        Assert.NotEqual(EmbeddingCache.KeyOf(new RgbFrame(default, 4, 4, one)), EmbeddingCache.KeyOf(new RgbFrame(default, 4, 4, other)));
    }

    [Fact]
    public async Task Submit_OverlappingClips_EncodesNewFramesAlone()
    {
        await using var batch = new Batch(embeddingBytes: 1 << 20);
        var frames = Batch.Clip(0).Concat(Batch.Clip(1)).ToList();
        await batch.Ask(frames[..8]).Result;
        batch.Passes.Clear();

        await batch.Ask(frames[2..10]).Result;

        Assert.Equal(frames[8..10], Assert.Single(batch.Passes).Distinct());
    }
}
