using System.Text.Json;
using Streams.Dashboard.Tests.Api;
using Streams.Dashboard.Tests.Servers;
using Streams.Schemas;
using static Streams.Dashboard.Tests.SampleResults;

namespace Streams.Dashboard.Tests.Clients;

/// <summary>The documented ten-line clients get every result, once and in order.</summary>
public sealed class ClientExamplesTests(RedisServerFixture fixture) : IClassFixture<RedisServerFixture>, IAsyncLifetime
{
    private const int Count = 250;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly string _key = $"gate {Guid.NewGuid():N}";
    private DashboardServer? _server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DashboardServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(fixture.Missing is not null, fixture.Missing ?? "");
        _server = await DashboardServer.StartAsync(fixture.Redis);
        await Server.Store.DeleteRunAsync(Topics.LiveRun);
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Theory]
    [InlineData("rest.cs")]
    [InlineData("rest.py")]
    [InlineData("rest.mjs")]
    public async Task Rest_PagesThroughTheWholeHistory(string file)
    {
        var results = Captions(Topics.LiveRun, Count, _key);
        await Server.Store.ProjectAsync(results);
        using var client = await ClientProcess.StartAsync(file, Topics.VideoCaptions, _key, Url);
        var lines = (await client.Output.ReadToEndAsync(Cancellation).WaitAsync(Patience, Cancellation)).Trim().Split('\n');
        Assert.Equal(results.Reverse().Select(result => result.Id), lines.Select(line => line.Split(' ')[0]));
        Assert.Contains("red circle", lines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sse.cs")]
    [InlineData("sse.py")]
    [InlineData("sse.mjs")]
    public async Task Sse_GivesEachResultAsItComes(string file)
    {
        using var client = await ClientProcess.StartAsync(file, Topics.VideoCaptions, Url);
        await FollowsAsync(client, client.Output.ReadLineAsync(Cancellation).AsTask());
    }

    [Theory]
    [InlineData("redis.cs")]
    [InlineData("redis_client.py")]
    [InlineData("redis.mjs")]
    public async Task Redis_GivesTheNewestAndThenEachAsItComes(string file)
    {
        var newest = Caption(Topics.LiveRun, 0, 0, _key);
        await Server.Store.ProjectAsync([newest]);
        using var client = await ClientProcess.StartAsync(file, Topics.VideoCaptions, _key, fixture.Redis.GetEndPoints()[0].ToString()!);
        Assert.Equal(newest.Id, Id(await client.Output.ReadLineAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation)));
        await FollowsAsync(client, client.Output.ReadLineAsync(Cancellation).AsTask());
    }

    private string Url => Server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    /// <summary>Results come until the client has begun to print them; from there on it must miss none.</summary>
    private async Task FollowsAsync(ClientProcess client, Task<string?> first)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(Patience);
        var sent = new List<string>();
        for (var offset = 1; !first.IsCompleted || sent.Count < 20; offset++)
        {
            var result = Caption(Topics.LiveRun, offset, offset, _key);
            await Server.Store.ProjectAsync([result]);
            sent.Add(result.Id);
            await timer.WaitForNextTickAsync(limit.Token);
        }

        var begun = sent.IndexOf(Id(await first));
        Assert.True(begun >= 0, "the first line is none of the results");
        foreach (var expected in sent.Skip(begun + 1))
        {
            Assert.Equal(expected, Id(await client.Output.ReadLineAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation)));
        }
    }

    private static string Id(string? line) => JsonElement.Parse(line!).GetProperty("id").GetString()!;
}
