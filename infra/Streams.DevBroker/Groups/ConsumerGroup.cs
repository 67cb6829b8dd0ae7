using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Groups;

/// <summary>
/// One classic consumer group: who is in it, which generation it is in, who waits for whom. One lock guards it; one timer
/// serves all its deadlines. Methods with the suffix _NeedsLock are called with the lock held.
/// </summary>
internal sealed partial class ConsumerGroup : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly DevBrokerOptions _options;
    private readonly ITimer _timer;
    private readonly long _epoch;
    private readonly Dictionary<string, GroupMember> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _staticMembers = new(StringComparer.Ordinal);

    /// <summary>Ids given out and not used yet, with the time at which they lapse.</summary>
    private readonly Dictionary<string, long> _pendingIds = new(StringComparer.Ordinal);

    private GroupState _state = GroupState.Empty;
    private int _generation;
    private string? _protocolType;
    private string? _protocolName;
    private string? _leader;
    private bool _gatheringFirstMembers;
    private long _rebalanceDeadlineMs;
    private long _syncDeadlineMs;

    public ConsumerGroup(string id, DevBrokerOptions options, TimeProvider time)
    {
        Id = id;
        _options = options;
        _time = time;
        _epoch = time.GetTimestamp();
        _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        EmptySince = time.GetUtcNow();
    }

    public string Id { get; }

    /// <summary>Since when the group has had no members; meaningful while it has none.</summary>
    public DateTimeOffset EmptySince { get; private set; }

    private long NowMs => (long)_time.GetElapsedTime(_epoch).TotalMilliseconds;

    public ErrorCode Heartbeat(string memberId, string? instanceId, int generation)
    {
        lock (_lock)
        {
            if (NoteAlive_NeedsLock(memberId, instanceId, generation) is var error and not ErrorCode.None)
                return error;
            return _state == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
        }
    }

    /// <summary>Whether a commit of offsets by this member is legitimate now; counts as a sign of life.</summary>
    public ErrorCode CheckCommit(string memberId, string? instanceId, int generation, bool inTransaction)
    {
        lock (_lock)
        {
            // A consumer that assigns itself partitions and uses the group for its offsets only. A transaction needs not
            // tell its member either: before version 3 it could not.
            if (generation < 0 && memberId.Length == 0 && instanceId is null)
                return _members.Count == 0 || inTransaction ? ErrorCode.None : ErrorCode.UnknownMemberId;
            if (NoteAlive_NeedsLock(memberId, instanceId, generation) is var error and not ErrorCode.None)
                return error;
            return _state == GroupState.CompletingRebalance && !inTransaction ? ErrorCode.RebalanceInProgress : ErrorCode.None;
        }
    }

    public ErrorCode Leave(string memberId, string? instanceId)
    {
        lock (_lock)
        {
            if (instanceId is null && _pendingIds.Remove(memberId))
            {
                TryCompleteJoin_NeedsLock();
                Reschedule_NeedsLock();
                return ErrorCode.None;
            }

            // Operators remove static members by the name of the instance alone.
            if (instanceId is not null && memberId.Length == 0 && _staticMembers.TryGetValue(instanceId, out string? current))
                memberId = current;
            if (FindMember_NeedsLock(memberId, instanceId, out var member) is var error and not ErrorCode.None)
                return error;
            RemoveMember_NeedsLock(member!, ErrorCode.UnknownMemberId);
            AfterRemoval_NeedsLock();
            Reschedule_NeedsLock();
            return ErrorCode.None;
        }
    }

    public GroupDescription Describe()
    {
        lock (_lock)
        {
            bool settled = _state is GroupState.Stable;
            var members = _members.Values.Select(member => new MemberDescription(
                member.Id, member.InstanceId, member.ClientId, member.ClientHost, settled ? member.MetadataFor(_protocolName) : [], settled ? member.Assignment : []));
            return new(_state.ToString(), _protocolType ?? string.Empty, settled ? _protocolName ?? string.Empty : string.Empty, [.. members]);
        }
    }

    /// <summary>Whether a live member may be reading the topic; its offsets must not be deleted under it.</summary>
    public bool HasMembers
    {
        get
        {
            lock (_lock)
                return _members.Count > 0 || _pendingIds.Count > 0;
        }
    }

    /// <summary>Ends the group for good if nobody is in it.</summary>
    public bool TryRetire(DateTimeOffset? emptyBefore = null)
    {
        lock (_lock)
        {
            if (_members.Count > 0 || _pendingIds.Count > 0 || EmptySince > emptyBefore)
                return false;
            _state = GroupState.Dead;
            return true;
        }
    }

    /// <summary>Keeps the offsets of a group without members from ageing while somebody commits to it.</summary>
    public void NoteCommit() => EmptySince = _time.GetUtcNow();

    public void Dispose()
    {
        lock (_lock)
        {
            _state = GroupState.Dead;
            foreach (var member in _members.Values)
                Answer(member, ErrorCode.UnknownMemberId);
        }

        _timer.Dispose();
    }

    private static void Answer(GroupMember member, ErrorCode error)
    {
        member.AnswerJoin(JoinResult.Failed(error, member.Id));
        member.AnswerSync(SyncResult.Failed(error));
    }

    private ErrorCode FindMember_NeedsLock(string memberId, string? instanceId, out GroupMember? member)
    {
        member = null;
        if (instanceId is not null)
        {
            if (!_staticMembers.TryGetValue(instanceId, out string? current))
                return ErrorCode.UnknownMemberId;
            if (current != memberId)
                return ErrorCode.FencedInstanceId;
        }

        return _members.TryGetValue(memberId, out member) ? ErrorCode.None : ErrorCode.UnknownMemberId;
    }

    /// <summary>A sign of life of a member of the present generation.</summary>
    private ErrorCode NoteAlive_NeedsLock(string memberId, string? instanceId, int generation)
    {
        if (FindMember_NeedsLock(memberId, instanceId, out var member) is var error and not ErrorCode.None)
            return error;
        if (generation != _generation)
            return ErrorCode.IllegalGeneration;
        Touch_NeedsLock(member!);
        Reschedule_NeedsLock();
        return ErrorCode.None;
    }

    private void Touch_NeedsLock(GroupMember member) => member.DeadlineMs = NowMs + member.SessionTimeoutMs;

    private void RemoveMember_NeedsLock(GroupMember member, ErrorCode toldToWaiters)
    {
        Answer(member, toldToWaiters);
        _members.Remove(member.Id);
        if (member.InstanceId is not null && _staticMembers.GetValueOrDefault(member.InstanceId) == member.Id)
            _staticMembers.Remove(member.InstanceId);
        if (_leader == member.Id)
            _leader = _members.Values.FirstOrDefault(other => other.Joining is not null)?.Id ?? _members.Keys.FirstOrDefault();
        if (_members.Count == 0)
            EmptySince = _time.GetUtcNow();
    }

    private void AfterRemoval_NeedsLock()
    {
        if (_state is GroupState.Stable or GroupState.CompletingRebalance)
            PrepareRebalance_NeedsLock();
        else
            TryCompleteJoin_NeedsLock();
    }
}
