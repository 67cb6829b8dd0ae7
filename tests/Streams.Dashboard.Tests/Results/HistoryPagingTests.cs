using Microsoft.Extensions.Options;
using Streams.Dashboard.Results;
using Streams.Dashboard.Tests.Servers;
using Streams.Schemas;
using static Streams.Dashboard.Tests.SampleResults;

namespace Streams.Dashboard.Tests.Results;

public sealed class HistoryPagingOnRedisTests(RedisServerFixture fixture) : HistoryPagingTests(fixture), IClassFixture<RedisServerFixture>;

public sealed class HistoryPagingOnGarnetTests(GarnetFixture fixture) : HistoryPagingTests(fixture), IClassFixture<GarnetFixture>;

/// <summary>Pages of history across keys, and while results come, on every server that the store is meant for.</summary>
public abstract class HistoryPagingTests(IRedisFixture fixture)
{
    private readonly string _run = NewRun();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1_000)]
    public async Task GetHistoryAsync_AllKeysWhileResultsCome_GivesEachThatWasThereOnceInOrder(int limit)
    {
        var store = Store();
        // Uneven keys, and equal times within and between them.
        var batch = Enumerable.Range(0, 120).Select(i => Caption(_run, i, i / 8, key: $"camera-{Math.Min(i % 11, i % 4)}")).ToArray();
        await store.ProjectAsync(batch);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
            {
                await store.ProjectAsync([Caption(_run, 1_000 + i, 1_000 + i, key: $"camera-{i % 13}")]);
            }
        }, TestContext.Current.CancellationToken);
        List<string> seen = [];
        for (var query = new HistoryQuery(To: Epoch.AddSeconds(500), Limit: limit); ;)
        {
            var page = await store.GetHistoryAsync(_run, Topics.VideoCaptions, query);
            Assert.True(page.Results.Count <= limit, $"{page.Results.Count}");
            seen.AddRange(page.Results.Select(result => result.Id));
            if (page.Before is null)
            {
                break;
            }

            query = query with { Before = page.Before };
        }

        await writing;
        Assert.Equal(RedisResultStore.NewestFirst(batch).Select(result => result.Id), seen);
    }

    [Fact]
    public async Task GetHistoryAsync_TheCursorsOwnResultIsNoLongerKept_GoesOnBelowItsPlace()
    {
        var store = Store(history: 20);
        await store.ProjectAsync(Captions(_run, 20));
        var first = await store.GetHistoryAsync(_run, Topics.VideoCaptions, "gate", new HistoryQuery(Limit: 15));
        // Three of the five below it stay.
        await store.ProjectAsync([.. Enumerable.Range(0, 2).Select(i => Caption(_run, 100 + i, 100 + i))]);
        var second = await store.GetHistoryAsync(_run, Topics.VideoCaptions, "gate", new HistoryQuery(Limit: 15, Before: first.Before));
        Assert.Equal([4.0, 3.0, 2.0], second.Results.Select(result => (result.Time - Epoch).TotalSeconds));

        // And when all from there on is gone, it is the end, not the beginning.
        await store.ProjectAsync(Captions(_run, 20, from: 200));
        Assert.Empty((await store.GetHistoryAsync(_run, Topics.VideoCaptions, "gate", new HistoryQuery(Before: first.Before))).Results);
    }

    [Fact]
    public async Task GetHistoryAsync_IdOfAResult_IsAPlaceOfItsKey()
    {
        var store = Store();
        await store.ProjectAsync(Captions(_run, 5));
        var page = await store.GetHistoryAsync(_run, Topics.VideoCaptions, "gate", new HistoryQuery(Before: Caption(_run, 2, 2).Id));
        Assert.Equal([1.0, 0.0], page.Results.Select(result => (result.Time - Epoch).TotalSeconds));
        Assert.Empty((await store.GetHistoryAsync(_run, Topics.VideoCaptions, "gate", new HistoryQuery(Before: Caption(_run, 7, 7).Id))).Results);
    }

    private RedisResultStore Store(int history = 10_000)
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        return new RedisResultStore(fixture.Redis, Options.Create(new ResultStoreOptions { HistoryPerKey = history }));
    }
}
