using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Streams.Dashboard.Results;
using Streams.Schemas;
using Streams.TestKit.Redis;
using static Streams.Dashboard.Tests.SampleResults;

namespace Streams.Dashboard.Tests.Results;

/// <summary>Cursors on a redis-server of each test's own, which the test kills.</summary>
public sealed class ProjectionCursorsTests : IAsyncLifetime
{
    private const string Topic = Topics.VideoCaptions;

    // Flushed always, so that a file's length says what is in it.
    private readonly RedisServer _server = new("always");
    private ConnectionMultiplexer _redis = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Remedy);
        await _server.StartAsync();
        _redis = await ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public async Task BeginAsync_NothingProjected_IsMinusOne() => Assert.Equal(-1, (await Cursors().BeginAsync(Topic, 0)).NextOffset);

    [Fact]
    public async Task AdvanceAsync_LowerOffset_DoesNotMoveBack()
    {
        var cursors = Cursors();
        var start = await cursors.BeginAsync(Topic, 0);
        Assert.True(await cursors.AdvanceAsync(Topic, 0, start, 9));
        Assert.True(await cursors.AdvanceAsync(Topic, 0, start, 7));
        Assert.Equal(9, (await cursors.BeginAsync(Topic, 0)).NextOffset);
        Assert.Equal(-1, (await cursors.BeginAsync(Topic, 1)).NextOffset);
    }

    [Fact]
    public async Task AdvanceAsync_MinusOne_OnlyCompares()
    {
        var cursors = Cursors();
        var start = await cursors.BeginAsync(Topic, 0);
        Assert.True(await cursors.AdvanceAsync(Topic, 0, start, -1));
        Assert.Equal(-1, (await cursors.BeginAsync(Topic, 0)).NextOffset);
    }

    [Fact]
    public async Task AdvanceAsync_ServerLostItsLastWrites_IsRefusedAndTheLostResultsComeAgainOnce()
    {
        var (store, cursors) = (Store(), Cursors());
        var start = await cursors.BeginAsync(Topic, 0);
        await store.ProjectAsync(Captions(Topics.LiveRun, 10));
        Assert.True(await cursors.AdvanceAsync(Topic, 0, start, 10));
        var kept = _server.FileLength;
        await store.ProjectAsync(Captions(Topics.LiveRun, 10, from: 10));
        Assert.True(await cursors.AdvanceAsync(Topic, 0, start, 20));

        await RestartAsync(kept);

        (store, cursors) = (Store(), Cursors());
        await store.ProjectAsync(Captions(Topics.LiveRun, 5, from: 20));
        Assert.False(await cursors.AdvanceAsync(Topic, 0, start, 25));
        start = await cursors.BeginAsync(Topic, 0);
        Assert.Equal(10, start.NextOffset);
        Assert.Equal(10, await store.ProjectAsync(Captions(Topics.LiveRun, 15, from: 10)));
        Assert.True(await cursors.AdvanceAsync(Topic, 0, start, 25));
        Assert.Equal(25, (await store.GetCountsAsync(Topics.LiveRun))[Topic]);
    }

    [Fact]
    public async Task AdvanceAsync_OneThatSleptThroughARestart_CannotPassOverItsSuccessor()
    {
        var sleeper = await Cursors().BeginAsync(Topic, 0);
        Assert.True(await Cursors().AdvanceAsync(Topic, 0, sleeper, 10));
        await RestartAsync(_server.FileLength);
        var successor = await Cursors().BeginAsync(Topic, 0);
        Assert.False(await Cursors().AdvanceAsync(Topic, 0, sleeper, 20));
        Assert.Equal(10, (await Cursors().BeginAsync(Topic, 0)).NextOffset);
        Assert.True(await Cursors().AdvanceAsync(Topic, 0, successor, 11));
    }

    [Fact]
    public async Task AdvanceAsync_TwoProjectorsThatOverlap_BothMoveIt()
    {
        var cursors = Cursors();
        var (one, other) = (await cursors.BeginAsync(Topic, 0), await cursors.BeginAsync(Topic, 0));
        Assert.True(await cursors.AdvanceAsync(Topic, 0, one, 4));
        Assert.True(await cursors.AdvanceAsync(Topic, 0, other, 6));
        Assert.True(await cursors.AdvanceAsync(Topic, 0, one, 5));
        Assert.Equal(6, (await cursors.BeginAsync(Topic, 0)).NextOffset);
    }

    [Fact]
    public async Task DeleteRunAsync_ARunsCursors_AreForgottenAndLivesAreNot()
    {
        var cursors = Cursors();
        foreach (var topic in new[] { Topic, Topics.ForRun("check", Topic) })
        {
            await cursors.AdvanceAsync(topic, 0, await cursors.BeginAsync(topic, 0), 5);
        }

        await Store().DeleteRunAsync("check");
        Assert.Equal(-1, (await cursors.BeginAsync(Topics.ForRun("check", Topic), 0)).NextOffset);
        Assert.Equal(5, (await cursors.BeginAsync(Topic, 0)).NextOffset);
    }

    private async Task RestartAsync(long fileLength)
    {
        await _server.KillAsync();
        _server.Truncate(fileLength);
        await _server.StartAsync();
        // A connection of its own: the old one may still be waiting to try again.
        await _redis.DisposeAsync();
        _redis = await ConnectAsync();
    }

    private Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync(_server.ConnectionString);

    private ProjectionCursors Cursors() => new(_redis);

    private RedisResultStore Store() => new(_redis, Options.Create(new ResultStoreOptions()));
}
