using Streams.Dashboard.Results;
using Streams.Schemas.Results;
using static Streams.Dashboard.Tests.SampleResults;

namespace Streams.Dashboard.Tests.Results;

public sealed class MergedHistoryTests
{
    [Fact]
    public async Task ReadAsync_ManyKeys_ReadsLittleMoreThanThePage()
    {
        var histories = Enumerable.Range(0, 500).ToDictionary(
            key => $"{key}", key => RedisResultStore.NewestFirst(Captions("r", 200, $"{key}", from: key)).ToArray());
        var read = 0;

        var page = await MergedHistory.ReadAsync([.. histories.Keys], new HistoryQuery(Limit: 100), (key, query) =>
        {
            var results = histories[key].Where(result => query.Before is null || IsBelow(result, query.Before)).Take(query.Limit + 1).ToArray();
            read += Math.Min(results.Length, query.Limit);
            return Task.FromResult(HistoryPage.Of(results, query.Limit));
        });

        Assert.Equal(RedisResultStore.NewestFirst(histories.Values.SelectMany(results => results)).Take(100).Select(result => result.Id), page.Results.Select(result => result.Id));
        // Reading the page's length of each key would be 50,000.
        Assert.InRange(read, 500, 3_000);
    }

    [Theory]
    [InlineData("1769860800000000@live/video.frames/0/3/0", true)]
    [InlineData("-1@live/video.frames/0/3/0", true)]
    [InlineData("@live/video.frames/0/3/0", false)]
    [InlineData("x@live/video.frames/0/3/0", false)]
    [InlineData("1@live", false)]
    [InlineData("99999999999999999999@live/video.frames/0/3/0", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Cursor_Text_IsReadOrRefused(string? text, bool isOne)
    {
        Assert.Equal(isOne, HistoryCursor.TryParse(text, out var cursor));
        Assert.Equal(isOne ? text : null, cursor?.ToString());
    }

    private static bool IsBelow(ResultRecord result, string before)
    {
        Assert.True(HistoryCursor.TryParse(before, out var cursor));
        var own = HistoryCursor.After(result);
        return own.Time != cursor.Time ? own.Time < cursor.Time : string.CompareOrdinal(ResultOrder.Member(own.Id), ResultOrder.Member(cursor.Id)) < 0;
    }
}
