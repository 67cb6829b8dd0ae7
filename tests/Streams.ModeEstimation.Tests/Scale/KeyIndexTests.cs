using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.Scale;

namespace Streams.ModeEstimation.Tests.Scale;

public sealed class KeyIndexTests
{
    /// <summary>More than one growth of every table up to here, at which all keys find new places.</summary>
    private const int Many = 3_000;

    [Fact]
    public void GetOrAdd_WhileItGrows_KeepsNumbersInOrderOfFirstUse()
    {
        var index = new KeyIndex();
        for (var key = 0; key < Many; key++)
        {
            Assert.Equal(-1, index.Find((ulong)key));
            Assert.Equal(key, index.GetOrAdd((ulong)key));
            Assert.Equal(key / 2, index.GetOrAdd((ulong)(key / 2)));
            Assert.Equal(key + 1, index.Count);
        }

        Assert.All(Enumerable.Range(0, Many), key => Assert.Equal(((ulong)key, key), (index.KeyOf(key), index.Find((ulong)key))));
        Assert.Equal(-1, index.Find(Many));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GetOrAdd_KeysThatWantOnePlace_AreAllFound(bool atEnd)
    {
        // Hashes in the first or the last thousandth of all: the latter go on at the table's beginning.
        var keys = Keys().Where(key => Hashing.Mix(key) is var hash && (atEnd ? ulong.MaxValue - hash : hash) < ulong.MaxValue / 1_000).Take(301).ToList();
        var index = new KeyIndex();
        Assert.All(keys[..^1], (key, number) => Assert.Equal(number, index.GetOrAdd(key)));
        Assert.All(keys[..^1], (key, number) => Assert.Equal(number, index.Find(key)));
        Assert.Equal(-1, index.Find(keys[^1]));

        static IEnumerable<ulong> Keys()
        {
            for (var key = 0UL; ; key++)
            {
                yield return key;
            }
        }
    }

    [Fact]
    public void GetOrAdd_SmallestAndLargestKey_AreKeysAsOthersAre()
    {
        var index = new KeyIndex();
        Assert.Equal((0, 1, 0, 1), (index.GetOrAdd(ulong.MaxValue), index.GetOrAdd(0), index.Find(ulong.MaxValue), index.Find(0)));
    }
}
