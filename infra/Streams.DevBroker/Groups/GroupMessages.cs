using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Groups;

/// <summary>An assignment strategy that a member offers, with what the member tells the leader for it.</summary>
internal sealed record GroupProtocol(string Name, byte[] Metadata);

/// <summary>What a JoinGroup request asks, whatever its version.</summary>
internal sealed record JoinRequest(
    string MemberId,
    string? InstanceId,
    string ClientId,
    string ClientHost,
    int SessionTimeoutMs,
    int RebalanceTimeoutMs,
    string ProtocolType,
    IReadOnlyList<GroupProtocol> Protocols,
    bool MustKnowItsId,
    bool CanSkipAssignment);

/// <summary>A member as its leader is told of it.</summary>
internal sealed record JoinedMember(string Id, string? InstanceId, byte[] Metadata);

/// <summary>The answer to JoinGroup.</summary>
internal sealed record JoinResult(
    ErrorCode Error,
    string MemberId,
    int Generation,
    string? ProtocolType,
    string? ProtocolName,
    string Leader,
    bool SkipAssignment,
    IReadOnlyList<JoinedMember> Members)
{
    public static JoinResult Failed(ErrorCode error, string memberId) => new(error, memberId, -1, null, null, string.Empty, false, []);
}

/// <summary>What a SyncGroup request asks.</summary>
internal sealed record SyncRequest(
    int Generation,
    string MemberId,
    string? InstanceId,
    string? ProtocolType,
    string? ProtocolName,
    IReadOnlyDictionary<string, byte[]> Assignments);

/// <summary>The answer to SyncGroup.</summary>
internal sealed record SyncResult(ErrorCode Error, string? ProtocolType, string? ProtocolName, byte[] Assignment)
{
    public static SyncResult Failed(ErrorCode error) => new(error, null, null, []);
}

/// <summary>A member as operators see it.</summary>
internal sealed record MemberDescription(string Id, string? InstanceId, string ClientId, string ClientHost, byte[] Metadata, byte[] Assignment);

/// <summary>A group as operators see it.</summary>
internal sealed record GroupDescription(string State, string ProtocolType, string Protocol, IReadOnlyList<MemberDescription> Members);
