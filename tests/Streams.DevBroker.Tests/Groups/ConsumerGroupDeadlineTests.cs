using Microsoft.Extensions.Time.Testing;
using Streams.DevBroker.Groups;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Tests.Groups;

public sealed class ConsumerGroupDeadlineTests : IDisposable
{
    private static readonly TimeSpan s_session = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_rebalance = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _time = new();
    private readonly ConsumerGroup _group;

    public ConsumerGroupDeadlineTests() =>
        _group = new ConsumerGroup("g", new DevBrokerOptions { DataDirectory = "unused", GroupInitialRebalanceDelay = TimeSpan.Zero }, _time);

    public void Dispose() => _group.Dispose();

    [Fact]
    public async Task Join_WithoutId_MustComeBackWithTheGivenOne()
    {
        var first = await Join(string.Empty);
        var second = await Join(first.MemberId);

        Assert.Equal(ErrorCode.MemberIdRequired, first.Error);
        Assert.Equal((ErrorCode.None, first.MemberId, 1), (second.Error, second.Leader, second.Generation));
        Assert.Equal(ErrorCode.UnknownMemberId, (await Join("invented")).Error);
    }

    [Fact]
    public async Task Session_NotHeardOf_MemberIsRemovedAndTheOthersRebalance()
    {
        var (alive, silent) = await StableWithTwo();
        for (int seconds = 0; seconds < 12; seconds += 3)
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            _group.Heartbeat(alive, null, 2);
        }

        Assert.Equal(ErrorCode.UnknownMemberId, _group.Heartbeat(silent, null, 2));
        Assert.Equal(ErrorCode.RebalanceInProgress, _group.Heartbeat(alive, null, 2));
        var again = await Join(alive);
        Assert.Equal(3, again.Generation);
        Assert.Equal([alive], again.Members.Select(member => member.Id));
    }

    [Fact]
    public async Task Session_AllSilent_GroupIsEmpty()
    {
        await StableWithTwo();

        _time.Advance(s_session);

        Assert.Equal("Empty", _group.Describe().State);
        Assert.True(_group.TryRetire());
    }

    [Fact]
    public async Task Rebalance_MemberDoesNotRejoinInTime_IsRemoved()
    {
        var (first, second) = await StableWithTwo();
        var waiting = Join(first, metadata: 9);
        Assert.False(waiting.IsCompleted);

        // The second keeps its session alive but does not join.
        for (var passed = TimeSpan.Zero; passed < s_rebalance; passed += TimeSpan.FromSeconds(5))
        {
            Assert.Equal(ErrorCode.RebalanceInProgress, _group.Heartbeat(second, null, 2));
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        var joined = await waiting.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.Equal([first], joined.Members.Select(member => member.Id));
        Assert.Equal(ErrorCode.UnknownMemberId, _group.Heartbeat(second, null, 2));
    }

    [Fact]
    public async Task Sync_LeaderNeverAssigns_IsRemovedAndTheOthersRebalance()
    {
        string leader = (await Join(await NewId())).MemberId;
        string follower = await NewId();
        var joining = Join(follower);
        await Join(leader);
        await joining;
        var syncing = _group.Sync(new SyncRequest(2, follower, null, null, null, new Dictionary<string, byte[]>()));

        for (var passed = TimeSpan.Zero; passed < s_rebalance; passed += TimeSpan.FromSeconds(5))
        {
            _group.Heartbeat(leader, null, 2);
            _group.Heartbeat(follower, null, 2);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(ErrorCode.RebalanceInProgress, (await syncing.WaitAsync(s_patience, TestContext.Current.CancellationToken)).Error);
        Assert.Equal(ErrorCode.UnknownMemberId, _group.Heartbeat(leader, null, 2));
        Assert.Equal(follower, (await Join(follower)).Leader);
    }

    [Fact]
    public async Task PendingId_NeverUsed_LapsesAndDoesNotHoldUpTheGroup()
    {
        string member = (await Join(await NewId())).MemberId;
        await NewId();
        var rejoining = Join(member, metadata: 5);
        Assert.False(rejoining.IsCompleted);

        _time.Advance(s_session);

        Assert.Equal(2, (await rejoining.WaitAsync(s_patience, TestContext.Current.CancellationToken)).Generation);
    }

    [Fact]
    public async Task StaticMember_Restarted_FencesTheOldOneAndKeepsItsAssignment()
    {
        var before = await Join(string.Empty, instance: "i1");
        await _group.Sync(new SyncRequest(1, before.MemberId, "i1", null, null, new Dictionary<string, byte[]> { [before.MemberId] = [42] }));

        var after = await Join(string.Empty, instance: "i1");
        var assigned = await _group.Sync(new SyncRequest(1, after.MemberId, "i1", null, null, new Dictionary<string, byte[]>()));

        Assert.NotEqual(before.MemberId, after.MemberId);
        Assert.Equal((1, true), (after.Generation, after.SkipAssignment));
        Assert.Equal([42], assigned.Assignment);
        Assert.Equal(ErrorCode.FencedInstanceId, _group.Heartbeat(before.MemberId, "i1", 1));
    }

    [Fact]
    public async Task Join_WithoutCommonProtocol_IsRefused()
    {
        await Join(await NewId());
        var other = Request(string.Empty, null, 0) with { Protocols = [new GroupProtocol("other", [])] };

        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await _group.Join(other)!).Error);
    }

    [Fact]
    public async Task Leave_OfAMember_LetsTheOtherRebalanceAtOnce()
    {
        var (first, second) = await StableWithTwo();

        Assert.Equal(ErrorCode.None, _group.Leave(second, null));

        Assert.Equal(ErrorCode.RebalanceInProgress, _group.Heartbeat(first, null, 2));
        Assert.Equal([first], (await Join(first)).Members.Select(member => member.Id));
    }

    private static JoinRequest Request(string memberId, string? instance, byte metadata) => new(
        memberId, instance, "client", "host", (int)s_session.TotalMilliseconds, (int)s_rebalance.TotalMilliseconds, "consumer",
        [new GroupProtocol("range", [metadata])], MustKnowItsId: true, CanSkipAssignment: true);

    private Task<JoinResult> Join(string memberId, byte metadata = 0, string? instance = null) => _group.Join(Request(memberId, instance, metadata))!;

    private async Task<string> NewId() => (await Join(string.Empty)).MemberId;

    private async Task<(string Leader, string Follower)> StableWithTwo()
    {
        string leader = (await Join(await NewId())).MemberId;
        string follower = await NewId();
        var joining = Join(follower);
        Assert.Equal(2, (await Join(leader)).Generation);
        await joining;
        var syncing = _group.Sync(new SyncRequest(2, follower, null, null, null, new Dictionary<string, byte[]>()));
        await _group.Sync(new SyncRequest(2, leader, null, null, null, new Dictionary<string, byte[]> { [leader] = [1], [follower] = [2] }));
        Assert.Equal([2], (await syncing).Assignment);
        return (leader, follower);
    }
}
