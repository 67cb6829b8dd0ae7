using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Groups;

/// <content>JoinGroup and SyncGroup.</content>
internal sealed partial class ConsumerGroup
{
    /// <summary>Null when the group was retired meanwhile: look it up again.</summary>
    public Task<JoinResult>? Join(JoinRequest request)
    {
        lock (_lock)
        {
            if (_state == GroupState.Dead)
                return null;
            var answer = Join_NeedsLock(request);
            Reschedule_NeedsLock();
            return answer;
        }
    }

    public Task<SyncResult> Sync(SyncRequest request)
    {
        lock (_lock)
        {
            var answer = Sync_NeedsLock(request);
            Reschedule_NeedsLock();
            return answer;
        }
    }

    private Task<JoinResult> Join_NeedsLock(JoinRequest request)
    {
        if (request.ProtocolType.Length == 0 || request.Protocols.Count == 0)
            return Refuse(ErrorCode.InconsistentGroupProtocol, request.MemberId);
        var others = _members.Values.Where(member => member.Id != request.MemberId
            && (request.InstanceId is null || member.InstanceId != request.InstanceId)).ToList();
        if (others.Count > 0 && (request.ProtocolType != _protocolType
            || CommonProtocols_NeedsLock(others.Select(member => member.Protocols).Append(request.Protocols)).Count == 0))
            return Refuse(ErrorCode.InconsistentGroupProtocol, request.MemberId);

        if (request.MemberId.Length == 0)
            return request.InstanceId is null ? JoinNew_NeedsLock(request) : JoinStatic_NeedsLock(request, request.InstanceId);
        if (request.InstanceId is null && _pendingIds.Remove(request.MemberId))
            return Admit_NeedsLock(new GroupMember(request.MemberId, request), request);
        if (FindMember_NeedsLock(request.MemberId, request.InstanceId, out var member) is var error and not ErrorCode.None)
            return Refuse(error, request.MemberId);
        return Rejoin_NeedsLock(member!, request);
    }

    private Task<JoinResult> JoinNew_NeedsLock(JoinRequest request)
    {
        string id = NewMemberId(request);
        if (!request.MustKnowItsId)
            return Admit_NeedsLock(new GroupMember(id, request), request);
        // The client must come back with this id: one whose connection broke meanwhile leaves no ghost in the group.
        _pendingIds[id] = NowMs + request.SessionTimeoutMs;
        return Refuse(ErrorCode.MemberIdRequired, id);
    }

    private Task<JoinResult> JoinStatic_NeedsLock(JoinRequest request, string instanceId)
    {
        string id = NewMemberId(request);
        if (!_staticMembers.TryGetValue(instanceId, out string? oldId) || !_members.Remove(oldId, out var member))
        {
            _staticMembers[instanceId] = id;
            return Admit_NeedsLock(new GroupMember(id, request), request);
        }

        // The instance restarted: it takes over its place and assignment, and whoever still uses the old id is fenced.
        Answer(member, ErrorCode.FencedInstanceId);
        bool wasLeader = _leader == oldId;
        byte[] oldMetadata = member.MetadataFor(_protocolName);
        member.Id = id;
        _members[id] = member;
        _staticMembers[instanceId] = id;
        if (wasLeader)
            _leader = id;
        Update_NeedsLock(member, request);
        bool unchanged = oldMetadata.AsSpan().SequenceEqual(member.MetadataFor(_protocolName)) && VoteForProtocol_NeedsLock() == _protocolName;
        if (_state != GroupState.Stable || !unchanged)
            return WaitForRebalance_NeedsLock(member);

        Touch_NeedsLock(member);
        // An old client that leads would assign again, in vain: it is told the former leader's id and stays a follower.
        bool skips = wasLeader && request.CanSkipAssignment;
        return Task.FromResult(Joined_NeedsLock(member) with
        {
            Leader = wasLeader && !skips ? oldId : _leader ?? string.Empty,
            SkipAssignment = skips,
            Members = skips ? MembersForLeader_NeedsLock() : [],
        });
    }

    private Task<JoinResult> Rejoin_NeedsLock(GroupMember member, JoinRequest request)
    {
        bool unchanged = member.HasSameProtocols(request.Protocols);
        bool answerLost = _state == GroupState.CompletingRebalance && unchanged;
        bool followerRepeats = _state == GroupState.Stable && unchanged && member.Id != _leader;
        Update_NeedsLock(member, request);
        if (!answerLost && !followerRepeats)
            return WaitForRebalance_NeedsLock(member);
        Touch_NeedsLock(member);
        return Task.FromResult(Joined_NeedsLock(member));
    }

    private Task<JoinResult> Admit_NeedsLock(GroupMember member, JoinRequest request)
    {
        _members[member.Id] = member;
        _protocolType = request.ProtocolType;
        _leader ??= member.Id;
        return WaitForRebalance_NeedsLock(member);
    }

    private Task<JoinResult> WaitForRebalance_NeedsLock(GroupMember member)
    {
        var joined = member.WaitForJoin();
        if (_state == GroupState.PreparingRebalance)
            TryCompleteJoin_NeedsLock();
        else
            PrepareRebalance_NeedsLock();
        return joined;
    }

    private Task<SyncResult> Sync_NeedsLock(SyncRequest request)
    {
        if (_state == GroupState.Dead)
            return Task.FromResult(SyncResult.Failed(ErrorCode.UnknownMemberId));
        if (FindMember_NeedsLock(request.MemberId, request.InstanceId, out var member) is var error and not ErrorCode.None)
            return Task.FromResult(SyncResult.Failed(error));
        if (request.Generation != _generation)
            return Task.FromResult(SyncResult.Failed(ErrorCode.IllegalGeneration));
        if ((request.ProtocolType ?? _protocolType) != _protocolType || (request.ProtocolName ?? _protocolName) != _protocolName)
            return Task.FromResult(SyncResult.Failed(ErrorCode.InconsistentGroupProtocol));
        if (_state == GroupState.PreparingRebalance)
            return Task.FromResult(SyncResult.Failed(ErrorCode.RebalanceInProgress));

        member!.Synced = true;
        Touch_NeedsLock(member);
        if (_state == GroupState.Stable)
            return Task.FromResult(Assigned_NeedsLock(member));
        var answer = member.WaitForSync();
        if (member.Id == _leader)
            Assign_NeedsLock(request.Assignments);
        return answer;
    }

    private void Assign_NeedsLock(IReadOnlyDictionary<string, byte[]> assignments)
    {
        _state = GroupState.Stable;
        foreach (var member in _members.Values)
        {
            member.Assignment = assignments.GetValueOrDefault(member.Id) ?? [];
            member.AnswerSync(Assigned_NeedsLock(member));
        }
    }

    private SyncResult Assigned_NeedsLock(GroupMember member) => new(ErrorCode.None, _protocolType, _protocolName, member.Assignment);

    private static void Update_NeedsLock(GroupMember member, JoinRequest request)
    {
        member.Protocols = request.Protocols;
        member.SessionTimeoutMs = request.SessionTimeoutMs;
        member.RebalanceTimeoutMs = request.RebalanceTimeoutMs;
        member.ClientId = request.ClientId;
        member.ClientHost = request.ClientHost;
    }

    private static string NewMemberId(JoinRequest request) => $"{request.InstanceId ?? request.ClientId}-{Guid.NewGuid()}";

    private static Task<JoinResult> Refuse(ErrorCode error, string memberId) => Task.FromResult(JoinResult.Failed(error, memberId));
}
