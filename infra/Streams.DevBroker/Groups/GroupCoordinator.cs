using System.Collections.Concurrent;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Groups;

/// <summary>All consumer groups and their offsets.</summary>
internal sealed class GroupCoordinator : IDisposable
{
    private const int MaxMetadataLength = 4096;
    private readonly ConcurrentDictionary<string, ConsumerGroup> _groups = new(StringComparer.Ordinal);
    private readonly OffsetStore _offsets;
    private readonly DevBrokerOptions _options;
    private readonly TimeProvider _time;

    public GroupCoordinator(OffsetStore offsets, DevBrokerOptions options, TimeProvider time)
    {
        _offsets = offsets;
        _options = options;
        _time = time;
        foreach (string group in offsets.Groups)
            _groups[group] = new ConsumerGroup(group, options, time);
    }

    public IEnumerable<ConsumerGroup> All => _groups.Values.OrderBy(group => group.Id, StringComparer.Ordinal);

    public ConsumerGroup? Find(string id) => _groups.GetValueOrDefault(id);

    public Task<JoinResult> Join(string groupId, JoinRequest request)
    {
        if (groupId.Length == 0)
            return Task.FromResult(JoinResult.Failed(ErrorCode.InvalidGroupId, request.MemberId));
        if (request.SessionTimeoutMs < _options.GroupMinSessionTimeout.TotalMilliseconds
            || request.SessionTimeoutMs > _options.GroupMaxSessionTimeout.TotalMilliseconds)
            return Task.FromResult(JoinResult.Failed(ErrorCode.InvalidSessionTimeout, request.MemberId));
        if (request.MemberId.Length > 0 && Find(groupId) is null)
            return Task.FromResult(JoinResult.Failed(ErrorCode.UnknownMemberId, request.MemberId));
        while (true)
        {
            var group = GetOrAdd(groupId);
            if (group.Join(request) is { } joined)
                return joined;
        }
    }

    public ErrorCode Commit(
        string groupId, string memberId, string? instanceId, int generation, IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        if (CheckCommit(groupId, memberId, instanceId, generation, inTransaction: false) is var error and not ErrorCode.None)
            return error;
        return Guard(() => _offsets.Commit(groupId, offsets));
    }

    /// <summary>Keeps offsets aside until the transaction of the producer ends.</summary>
    public ErrorCode CommitPending(
        string groupId, string memberId, string? instanceId, int generation, long producerId, IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        if (CheckCommit(groupId, memberId, instanceId, generation, inTransaction: true) is var error and not ErrorCode.None)
            return error;
        return Guard(() => _offsets.CommitPending(groupId, producerId, offsets));
    }

    public static bool IsMetadataTooLarge(string? metadata) => metadata?.Length > MaxMetadataLength;

    public ErrorCode Delete(string groupId)
    {
        if (Find(groupId) is not { } group)
            return ErrorCode.GroupIdNotFound;
        if (!group.TryRetire())
            return ErrorCode.NonEmptyGroup;
        Forget(group);
        return ErrorCode.None;
    }

    /// <summary>Removes groups that have had no members for longer than their offsets are kept.</summary>
    public void RemoveExpired()
    {
        var emptyBefore = _time.GetUtcNow() - _options.OffsetsRetention;
        foreach (var group in _groups.Values)
        {
            if (group.TryRetire(emptyBefore))
                Forget(group);
        }
    }

    public void Dispose()
    {
        foreach (var group in _groups.Values)
            group.Dispose();
    }

    private static ErrorCode Guard(Action write)
    {
        try
        {
            write();
            return ErrorCode.None;
        }
        catch (IOException)
        {
            return ErrorCode.KafkaStorageError;
        }
    }

    private ErrorCode CheckCommit(string groupId, string memberId, string? instanceId, int generation, bool inTransaction)
    {
        if (generation >= 0 && Find(groupId) is null)
            return ErrorCode.IllegalGeneration;
        var group = GetOrAdd(groupId);
        var error = group.CheckCommit(memberId, instanceId, generation, inTransaction);
        if (error == ErrorCode.None)
            group.NoteCommit();
        return error;
    }

    private ConsumerGroup GetOrAdd(string groupId) =>
        _groups.GetOrAdd(groupId, static (id, self) => new ConsumerGroup(id, self._options, self._time), this);

    private void Forget(ConsumerGroup group)
    {
        // The offsets go first: the name is not free for a new group before the old one's positions are gone.
        _offsets.RemoveGroup(group.Id);
        _groups.TryRemove(KeyValuePair.Create(group.Id, group));
        group.Dispose();
    }
}
