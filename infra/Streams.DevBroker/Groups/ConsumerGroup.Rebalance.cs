using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Groups;

/// <content>The rebalance: waiting for members, closing a generation, deadlines.</content>
internal sealed partial class ConsumerGroup
{
    private void PrepareRebalance_NeedsLock()
    {
        foreach (var member in _members.Values)
        {
            member.AnswerSync(SyncResult.Failed(ErrorCode.RebalanceInProgress));
            member.Synced = false;
        }

        _gatheringFirstMembers = _state == GroupState.Empty && _options.GroupInitialRebalanceDelay > TimeSpan.Zero;
        _state = GroupState.PreparingRebalance;
        _rebalanceDeadlineMs = NowMs + (_gatheringFirstMembers ? (long)_options.GroupInitialRebalanceDelay.TotalMilliseconds : LongestRebalanceTimeout_NeedsLock());
        TryCompleteJoin_NeedsLock();
    }

    private long LongestRebalanceTimeout_NeedsLock() => _members.Count == 0 ? 0 : _members.Values.Max(member => member.RebalanceTimeoutMs);

    private void TryCompleteJoin_NeedsLock()
    {
        if (_state == GroupState.PreparingRebalance && !_gatheringFirstMembers && _pendingIds.Count == 0
            && _members.Values.All(member => member.Joining is not null))
            CompleteJoin_NeedsLock();
    }

    private void CompleteJoin_NeedsLock()
    {
        if (_members.Count == 0)
        {
            _generation++;
            _state = GroupState.Empty;
            _protocolName = null;
            _leader = null;
            return;
        }

        if (_members.Values.All(member => member.Joining is null))
        {
            // Static members only, all of them away: the group waits until one returns or its session ends.
            _rebalanceDeadlineMs = NowMs + LongestRebalanceTimeout_NeedsLock();
            return;
        }

        _generation++;
        _protocolName = VoteForProtocol_NeedsLock();
        _state = GroupState.CompletingRebalance;
        _syncDeadlineMs = NowMs + LongestRebalanceTimeout_NeedsLock();
        if (_leader is null || !_members.TryGetValue(_leader, out var leader) || leader.Joining is null)
            _leader = _members.Values.First(member => member.Joining is not null).Id;
        foreach (var member in _members.Values)
        {
            member.Synced = false;
            if (member.Joining is null)
                continue;
            Touch_NeedsLock(member);
            member.AnswerJoin(Joined_NeedsLock(member));
        }
    }

    private JoinResult Joined_NeedsLock(GroupMember member) => new(
        ErrorCode.None, member.Id, _generation, _protocolType, _protocolName, _leader ?? string.Empty, false, member.Id == _leader ? MembersForLeader_NeedsLock() : []);

    private List<JoinedMember> MembersForLeader_NeedsLock() =>
        [.. _members.Values.Select(other => new JoinedMember(other.Id, other.InstanceId, other.MetadataFor(_protocolName)))];

    /// <summary>Every member votes for its most preferred strategy among those that all know.</summary>
    private string VoteForProtocol_NeedsLock()
    {
        var known = CommonProtocols_NeedsLock(_members.Values.Select(member => member.Protocols));
        return _members.Values
            .Select(member => member.Protocols.First(protocol => known.Contains(protocol.Name)).Name)
            .CountBy(name => name)
            .MaxBy(votes => votes.Value)
            .Key;
    }

    private static HashSet<string> CommonProtocols_NeedsLock(IEnumerable<IReadOnlyList<GroupProtocol>> offers)
    {
        HashSet<string>? common = null;
        foreach (var offer in offers)
        {
            var names = offer.Select(protocol => protocol.Name);
            if (common is null)
                common = new(names, StringComparer.Ordinal);
            else
                common.IntersectWith(names);
        }

        return common ?? [];
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            if (_state == GroupState.Dead)
                return;
            long now = NowMs;
            foreach (string lapsed in _pendingIds.Where(pending => pending.Value <= now).Select(pending => pending.Key).ToList())
                _pendingIds.Remove(lapsed);
            var silent = _members.Values.Where(member => member.Joining is null && member.DeadlineMs <= now).ToList();
            silent.ForEach(member => RemoveMember_NeedsLock(member, ErrorCode.UnknownMemberId));
            if (silent.Count > 0)
                AfterRemoval_NeedsLock();
            else
                TryCompleteJoin_NeedsLock();
            if (_state == GroupState.PreparingRebalance && _rebalanceDeadlineMs <= now)
                OnRebalanceDeadline_NeedsLock();
            else if (_state == GroupState.CompletingRebalance && _syncDeadlineMs <= now)
                OnSyncDeadline_NeedsLock();
            Reschedule_NeedsLock();
        }
    }

    private void OnRebalanceDeadline_NeedsLock()
    {
        if (_gatheringFirstMembers)
        {
            _gatheringFirstMembers = false;
            _rebalanceDeadlineMs = NowMs + LongestRebalanceTimeout_NeedsLock();
            TryCompleteJoin_NeedsLock();
            return;
        }

        // Static members keep their place until their session ends; that is what makes them static.
        foreach (var late in _members.Values.Where(member => member.Joining is null && member.InstanceId is null).ToList())
            RemoveMember_NeedsLock(late, ErrorCode.UnknownMemberId);
        CompleteJoin_NeedsLock();
    }

    private void OnSyncDeadline_NeedsLock()
    {
        foreach (var late in _members.Values.Where(member => !member.Synced).ToList())
            RemoveMember_NeedsLock(late, ErrorCode.UnknownMemberId);
        PrepareRebalance_NeedsLock();
    }

    private void Reschedule_NeedsLock()
    {
        if (_state == GroupState.Dead)
            return;
        long next = long.MaxValue;
        foreach (var member in _members.Values)
        {
            if (member.Joining is null)
                next = Math.Min(next, member.DeadlineMs);
        }

        foreach (long lapses in _pendingIds.Values)
            next = Math.Min(next, lapses);
        if (_state == GroupState.PreparingRebalance)
            next = Math.Min(next, _rebalanceDeadlineMs);
        if (_state == GroupState.CompletingRebalance)
            next = Math.Min(next, _syncDeadlineMs);
        var due = next == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(1, next - NowMs));
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }
}
