using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Groups;

/// <summary>One member of a classic consumer group. Guarded by its group's lock.</summary>
internal sealed class GroupMember(string id, JoinRequest request)
{
    public string Id { get; set; } = id;

    public string? InstanceId { get; } = request.InstanceId;

    public string ClientId { get; set; } = request.ClientId;

    public string ClientHost { get; set; } = request.ClientHost;

    public int SessionTimeoutMs { get; set; } = request.SessionTimeoutMs;

    public int RebalanceTimeoutMs { get; set; } = request.RebalanceTimeoutMs;

    public IReadOnlyList<GroupProtocol> Protocols { get; set; } = request.Protocols;

    public byte[] Assignment { get; set; } = [];

    /// <summary>When the session ends unless the member is heard of, on the group's clock.</summary>
    public long DeadlineMs { get; set; }

    /// <summary>Whether the member asked for its assignment in this generation.</summary>
    public bool Synced { get; set; }

    public TaskCompletionSource<JoinResult>? Joining { get; private set; }

    public TaskCompletionSource<SyncResult>? Syncing { get; private set; }

    public Task<JoinResult> WaitForJoin()
    {
        // The client gave up on an earlier request and asks again: only the newest is answered with the generation.
        AnswerJoin(JoinResult.Failed(ErrorCode.RebalanceInProgress, Id));
        Joining = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return Joining.Task;
    }

    public void AnswerJoin(JoinResult result)
    {
        Joining?.TrySetResult(result);
        Joining = null;
    }

    public Task<SyncResult> WaitForSync()
    {
        AnswerSync(SyncResult.Failed(ErrorCode.RebalanceInProgress));
        Syncing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return Syncing.Task;
    }

    public void AnswerSync(SyncResult result)
    {
        Syncing?.TrySetResult(result);
        Syncing = null;
    }

    public byte[] MetadataFor(string? protocol) =>
        Protocols.FirstOrDefault(candidate => candidate.Name == protocol)?.Metadata ?? [];

    public bool HasSameProtocols(IReadOnlyList<GroupProtocol> others) =>
        Protocols.Count == others.Count
        && Protocols.Zip(others).All(pair => pair.First.Name == pair.Second.Name && pair.First.Metadata.AsSpan().SequenceEqual(pair.Second.Metadata));
}
