using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;
using Streams.Host.Configuration;
using Streams.Ingest;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Host.Pipeline;

/// <summary>
/// The open labelling tasks with a deadline or an interval whose definitions lie in partitions that this host holds. What the host processes is shown to
/// it, and nothing else: answers that come in a partition of another host are not seen. Definitions lie in Redis, in a hash for each partition, beside the
/// partition's cursor and under the same hash tag. Redis first, then memory, and both before the sink's call returns: so before the cursor moves past the
/// record, and the next owner of the partition finds what this one leaves. Safe to use from any thread.
/// </summary>
internal sealed class FollowedLabelTasks(StreamsOptions options, IConnectionMultiplexer redis, TimeProvider time)
{
    /// <summary>Subject of the definitions that are repetitions: a task that has ended must not be followed again because of one.</summary>
    public const string Repeated = "repeated";

    private readonly IDatabase _redis = redis.GetDatabase();
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly LabelTaskTimers _timers = new();

    // By partition: the epoch under which its tasks were loaded. Changed under _gate with the timers, read by every call.
    private readonly ConcurrentDictionary<int, long> _held = new();

    // Of _timers; written under _gate, read by every call: while nothing is followed, none takes the lock.
    private volatile int _count;

    /// <summary>The partitions held.</summary>
    public ICollection<int> Held => _held.Keys;

    /// <summary>The epoch under which a partition is held; null when it is not.</summary>
    public long? EpochOf(int partition) => _held.TryGetValue(partition, out var epoch) ? epoch : null;

    /// <summary>
    /// Follows the tasks of a partition as they are stored. A call that comes late, under an epoch that is over, makes them be loaded once more when the
    /// owner goes on, and does no other harm: epochs are not put in order here, since a store that lost its last writes gives one out again.
    /// </summary>
    public async ValueTask HoldAsync(int partition, long epoch, CancellationToken ct)
    {
        if (IsHeld(partition, epoch))
        {
            return;
        }

        var stored = Decode(await _redis.HashGetAllAsync(Key(partition)).WaitAsync(ct));
        lock (_gate)
        {
            // Somebody else may have come first, and followed a task since that was not stored when this was read.
            if (IsHeld(partition, epoch))
            {
                return;
            }

            var now = time.GetUtcNow();
            _timers.Forget(partition);
            stored.ForEach(definition => _timers.Open(definition, partition, now));
            _held[partition] = epoch;
            _count = _timers.Count;
        }
    }

    /// <summary>Follows the tasks of a partition no more. Whoever holds it still loads them anew.</summary>
    public void Release(int partition)
    {
        lock (_gate)
        {
            _timers.Forget(partition);
            _held.TryRemove(partition, out _);
            _count = _timers.Count;
        }
    }

    /// <summary>
    /// Takes in what a partition's owner has processed. A failure of Redis is the caller's, so that the pump repeats its call, which is answered as
    /// before: a definition passed over would be lost. That holds intake up no longer than the states do, which lie in the same Redis; and nothing
    /// else is waited for here. What is shown twice does no harm.
    /// </summary>
    /// <remarks>Hot: all samples come through here. Without a definition among them, and no task followed, it only looks at their types.</remarks>
    public ValueTask SeeAsync(int partition, long epoch, IReadOnlyList<KeyedRecords> keys, IReadOnlyList<KeyOutcome> outcomes, CancellationToken ct) =>
        // Of another epoch: rarely, and then the tasks that are stored have to be known first.
        !IsHeld(partition, epoch) ? HoldAndSeeAsync(partition, epoch, keys, outcomes, ct)
        : Concerned(keys) is { } concerned ? SeeAsync(partition, epoch, keys, outcomes, concerned, ct)
        : default;

    /// <summary>What is due now. A deadline is due once: where it cannot be met, the partition is to be <see cref="Release">released</see>.</summary>
    public IReadOnlyList<DueLabelTask> Due()
    {
        lock (_gate)
        {
            var due = _timers.Due(time.GetUtcNow());
            _count = _timers.Count;
            return due;
        }
    }

    /// <summary>Leaves to the next owner only what is followed still.</summary>
    public async Task DoneAsync(DueLabelTask due, CancellationToken ct)
    {
        if (PartitionOf(due.Definition.Task) is null)
        {
            await _redis.HashDeleteAsync(Key(due.Partition), due.Definition.Task).WaitAsync(ct);
        }
    }

    private static List<LabelTask> Decode(HashEntry[] stored)
    {
        var definitions = new List<LabelTask>(stored.Length);
        foreach (var entry in stored)
        {
            try
            {
                definitions.Add(LabelCodec.DecodeTask((byte[])entry.Value!, (string)entry.Name!));
            }
            catch (RecordFormatException)
            {
                // A later version has rules that this one does not know. It stays there for the next; samples must not wait for it.
            }
        }

        return definitions;
    }

    private async ValueTask HoldAndSeeAsync(
        int partition, long epoch, IReadOnlyList<KeyedRecords> keys, IReadOnlyList<KeyOutcome> outcomes, CancellationToken ct)
    {
        await HoldAsync(partition, epoch, ct);
        if (Concerned(keys) is { } concerned)
        {
            await SeeAsync(partition, epoch, keys, outcomes, concerned, ct);
        }
    }

    /// <summary>Which of <paramref name="keys"/> are followed or bring a definition; null when none.</summary>
    private List<int>? Concerned(IReadOnlyList<KeyedRecords> keys)
    {
        if (_count == 0)
        {
            return Concerned(keys, isFollowing: false);
        }

        lock (_gate)
        {
            return Concerned(keys, isFollowing: true);
        }
    }

    private List<int>? Concerned(IReadOnlyList<KeyedRecords> keys, bool isFollowing)
    {
        List<int>? concerned = null;
        for (var i = 0; i < keys.Count; i++)
        {
            if ((isFollowing && _timers.Contains(keys[i].Key)) || HasDefinition(keys[i].Records))
            {
                (concerned ??= []).Add(i);
            }
        }

        return concerned;
    }

    private static bool HasDefinition(IReadOnlyList<InputRecord> records)
    {
        // Not foreach, which allocates.
        for (var i = 0; i < records.Count; i++)
        {
            if (records[i].EventType == EventTypes.LabelTask)
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask SeeAsync(
        int partition, long epoch, IReadOnlyList<KeyedRecords> keys, IReadOnlyList<KeyOutcome> outcomes, List<int> concerned, CancellationToken ct) =>
        // Those that failed come again. Together, so that many definitions take one round trip.
        await Task.WhenAll(concerned.Where(i => outcomes[i].Outcome is not null).Select(i => SeeAsync(partition, epoch, keys[i], outcomes[i].Outcome!, ct)));

    private async Task SeeAsync(int partition, long epoch, KeyedRecords records, ApplyOutcome outcome, CancellationToken ct)
    {
        var task = records.Key;
        // A task that stops asks nothing after that, and how much one asks does not matter: the last query says all.
        var last = outcome.Results.LastOrDefault(result => result.Topic == Topics.LabelQueries);
        var query = last is null ? null : ResultJson.Deserialize<LabelQuery>(last.Data);
        var isStopped = query?.Kind == LabelQueryKind.Stop;
        var known = PartitionOf(task);
        var opened = isStopped ? null : Definition(records, outcome);
        if (opened is var (_, payload))
        {
            // Also one that is known: the store may have lost it since, with the cursor behind it.
            await _redis.HashSetAsync(Key(known ?? partition), task, payload, When.NotExists).WaitAsync(ct);
            // Released meanwhile, and perhaps loaded again before this was written.
            await HoldAsync(partition, epoch, ct);
        }
        else if (known is { } place && isStopped)
        {
            await _redis.HashDeleteAsync(Key(place), task).WaitAsync(ct);
        }

        lock (_gate)
        {
            var now = time.GetUtcNow();
            // Else it will be loaded with the others.
            if (opened is var (definition, _) && IsHeld(partition, epoch))
            {
                _timers.Open(definition, partition, now);
            }

            if (records.Records.Any(record => record.EventType != EventTypes.LabelTask))
            {
                _timers.Answered(task, now);
            }

            if (isStopped)
            {
                _timers.Close(task);
            }
            else if (query is not null)
            {
                _timers.Asked(task);
            }

            _count = _timers.Count;
        }
    }

    /// <summary>The first definition that the estimator took and that has something to wait for; null without one.</summary>
    private static (LabelTask Definition, ReadOnlyMemory<byte> Payload)? Definition(KeyedRecords records, ApplyOutcome outcome)
    {
        foreach (var record in records.Records)
        {
            if (record.EventType == EventTypes.LabelTask
                && record.Subject != Repeated
                && !outcome.Rejections.Any(rejection => rejection.Offset == record.Offset))
            {
                // The decoder has let it pass.
                var definition = LabelCodec.DecodeTask(record.Payload, records.Key);
                return LabelTaskTimers.IsTimed(definition) ? (definition, record.Payload) : null;
            }
        }

        return null;
    }

    private bool IsHeld(int partition, long epoch) => _held.TryGetValue(partition, out var held) && held == epoch;

    private int? PartitionOf(string task)
    {
        lock (_gate)
        {
            return _timers.PartitionOf(task);
        }
    }

    private RedisKey Key(int partition) =>
        StateKeys.Prefix(options.Orleans.ServiceId, Topics.LiveRun, Topics.LabelSamples) + "tasks/" + partition.ToString(CultureInfo.InvariantCulture);
}
