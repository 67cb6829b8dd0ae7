using System.Globalization;
using StackExchange.Redis;
using Streams.Grains;
using Streams.Grains.Partitions;
using Streams.Host.Configuration;
using Streams.Ingest;

namespace Streams.Host.Pipeline;

/// <summary>
/// What the grains of a partition ask of the store under its lease: writes of their state, and whether the lease is in force; the grain of a whole
/// partition asks for the states of many keys at a time, in scripts of its own. A script is under way for
/// each lease at most; what comes meanwhile goes together in the next, so that with many keys the comparison of the lease, the script and the round trip
/// are paid once for many. Every write keeps an outcome of its own. What is asked is sent after it was asked, never joined to a script under way.
/// </summary>
internal sealed class FencedWrites(IConnectionMultiplexer redis, StreamsOptions options) : IPartitionLeases, IStreamStates
{
    private const int MaxWrites = 128;
    private const int MaxReads = 256;
    private const int MaxBytes = 1024 * 1024;

    // KEYS the partition's cursor and the states, all of one hash tag; ARGV the lease ("": none), then of each state the ETag that was read, the new one and
    // the data. Answers outcome and detail of each state; of the lease alone when it is not in force, or there is no state.
    private const string Script = RedisPartitionCursors.Server + """
        if ARGV[1] ~= '' then
          local held = redis.call('HMGET', KEYS[1], 'lease', 'server', 'next', 'epoch')
          if held[2] ~= server then return {'rolled-back', held[3] or '-1'} end
          if held[1] ~= ARGV[1] then return {'stale', held[4] or '0'} end
        end
        local answers = {'ok', ''}
        for i = 2, #KEYS do
          local at = 3 * i - 4
          local etag = redis.call('HGET', KEYS[i], 'etag') or ''
          if etag == ARGV[at] then
            redis.call('HSET', KEYS[i], 'etag', ARGV[at + 1], 'data', ARGV[at + 2])
            answers[2 * i - 1] = 'ok'
            answers[2 * i] = ''
          else
            answers[2 * i - 1] = 'etag'
            answers[2 * i] = etag
          end
        end
        return answers
        """;

    // KEYS and the lease as above. Answers as the lease does; when it is in force, ETag and data of each state follow.
    private const string ReadScript = RedisPartitionCursors.Server + """
        local held = redis.call('HMGET', KEYS[1], 'lease', 'server', 'next', 'epoch')
        if held[2] ~= server then return {'rolled-back', held[3] or '-1'} end
        if held[1] ~= ARGV[1] then return {'stale', held[4] or '0'} end
        local answers = {'ok', ''}
        for i = 2, #KEYS do
          local found = redis.call('HMGET', KEYS[i], 'etag', 'data')
          answers[2 * i - 1] = found[1]
          answers[2 * i] = found[2]
        end
        return answers
        """;

    private readonly IDatabase _redis = redis.GetDatabase();
    private readonly Lock _gate = new();

    // Guarded by _gate. The leases for which a script is under way, each with what waits for its end.
    private readonly Dictionary<(RedisKey Cursor, string Lease), Queue<Ask>> _waiting = [];
    private long _scripts;

    /// <summary>Scripts sent so far.</summary>
    public long Scripts => Interlocked.Read(ref _scripts);

    /// <inheritdoc/>
    public async ValueTask VerifyAsync(string run, string topic, int partition, long epoch, string lease) =>
        Check(new PartitionFence(run, topic, partition, epoch, lease), await AskAsync(new(run, topic, partition), lease, new Ask(null, "", "", default)));

    /// <summary>Writes a state if its ETag is still <paramref name="etag"/> ("": there is none) and the lease in force. With null for a lease only the ETag counts.</summary>
    /// <exception cref="Streams.Grains.StaleEpochException">Somebody else has acquired the partition since.</exception>
    /// <exception cref="Streams.Grains.StoreRolledBackException">The store was restarted or failed over since.</exception>
    /// <returns>Null when it is written; else the ETag in the store.</returns>
    public async Task<string?> WriteAsync(PartitionFence? fence, RedisKey state, string etag, string newEtag, ReadOnlyMemory<byte> data)
    {
        var ask = new Ask(state, etag, newEtag, data);
        var answer = fence is null
            ? (await SendAsync(state, "", [ask]))[0]
            : await AskAsync(new(fence.Run, fence.Topic, fence.Partition), fence.Lease, ask);
        Check(fence, answer);
        return answer.Outcome == "etag" ? answer.Detail : null;
    }

    /// <inheritdoc/>
    public async Task<StoredState[]> ReadAsync(PartitionFence fence, IReadOnlyList<StreamKey> keys)
    {
        var cursor = RedisPartitionCursors.Key(options, new PartitionId(fence.Run, fence.Topic, fence.Partition));
        var states = new StoredState[keys.Count];
        await Task.WhenAll(Enumerable.Range(0, (keys.Count + MaxReads - 1) / MaxReads).Select(async part =>
        {
            var from = part * MaxReads;
            RedisKey[] names = [cursor, .. keys.Skip(from).Take(MaxReads).Select(KeyOf)];
            Interlocked.Increment(ref _scripts);
            var reply = (RedisResult[])(await _redis.ScriptEvaluateAsync(ReadScript, names, [fence.Lease]).ConfigureAwait(false))!;
            Check(fence, ((string)reply[0]!, (string)reply[1]!));
            for (var i = 1; i < names.Length; i++)
            {
                states[from + i - 1] = new StoredState((string?)reply[2 * i], (byte[]?)reply[(2 * i) + 1]);
            }
        })).ConfigureAwait(false);
        return states;
    }

    /// <inheritdoc/>
    public async Task<string?[]> WriteAsync(PartitionFence fence, IReadOnlyList<StateWrite> writes)
    {
        var id = Guid.NewGuid().ToString("n");
        var cursor = RedisPartitionCursors.Key(options, new PartitionId(fence.Run, fence.Topic, fence.Partition));
        var written = new string?[writes.Count];
        var sends = new List<Task>();
        for (var from = 0; from < writes.Count;)
        {
            var asks = new List<Ask>();
            for (var bytes = 0L; from + asks.Count < writes.Count && asks.Count < MaxWrites && bytes < MaxBytes; bytes += asks[^1].Data.Length)
            {
                var write = writes[from + asks.Count];
                asks.Add(new Ask(KeyOf(write.Key), write.ETag ?? "", string.Create(CultureInfo.InvariantCulture, $"{id}{from + asks.Count}"), write.Data));
            }

            sends.Add(WriteAsync(fence, cursor, asks, written.AsMemory(from, asks.Count)));
            from += asks.Count;
        }

        await Task.WhenAll(sends).ConfigureAwait(false);
        return written;
    }

    private async Task WriteAsync(PartitionFence fence, RedisKey cursor, List<Ask> asks, Memory<string?> written)
    {
        var answers = await SendAsync(cursor, fence.Lease, asks).ConfigureAwait(false);
        for (var i = 0; i < answers.Length; i++)
        {
            Check(fence, answers[i]);
            written.Span[i] = answers[i].Outcome == "etag" ? null : asks[i].NewEtag;
        }
    }

    /// <summary>As <see cref="RedisStreamStorage"/> names the state of a key's own grain.</summary>
    private RedisKey KeyOf(StreamKey key) => StateKeys.Of(options.Orleans.ServiceId, "stream", key);

    private static void Check(PartitionFence? fence, (string Outcome, string Detail) answer)
    {
        switch (answer.Outcome)
        {
            case "stale":
                throw new Streams.Grains.StaleEpochException(fence!.ToString(), fence.Epoch, long.Parse(answer.Detail, CultureInfo.InvariantCulture));
            case "rolled-back":
                throw new Streams.Grains.StoreRolledBackException($"{fence}: the store was restarted since the partition was acquired; its cursor is at {answer.Detail}");
        }
    }

    private Task<(string Outcome, string Detail)> AskAsync(PartitionId partition, string lease, Ask ask)
    {
        var group = (RedisPartitionCursors.Key(options, partition), lease);
        lock (_gate)
        {
            if (_waiting.TryGetValue(group, out var waiting))
            {
                waiting.Enqueue(ask);
                return ask.Answer.Task;
            }

            _waiting[group] = new Queue<Ask>();
        }

        _ = CarryAsync(group, [ask]);
        return ask.Answer.Task;
    }

    /// <summary>Sends one script after another until nothing waits. Never throws.</summary>
    private async Task CarryAsync((RedisKey Cursor, string Lease) group, List<Ask> asks)
    {
        while (asks.Count > 0)
        {
            try
            {
                // Not on the scheduler of the grain that happened to come first.
                var answers = await SendAsync(group.Cursor, group.Lease, asks).ConfigureAwait(false);
                for (var i = 0; i < asks.Count; i++)
                {
                    asks[i].Answer.SetResult(answers[i]);
                }
            }
            catch (Exception e)
            {
                // What became of the writes is not known: their grains read their states again.
                asks.ForEach(ask => ask.Answer.SetException(e));
            }

            asks = TakeWaiting(group);
        }
    }

    private List<Ask> TakeWaiting((RedisKey Cursor, string Lease) group)
    {
        var asks = new List<Ask>();
        lock (_gate)
        {
            var waiting = _waiting[group];
            for (var bytes = 0L; asks.Count < MaxWrites && bytes < MaxBytes && waiting.TryDequeue(out var ask); bytes += ask.Data.Length)
            {
                asks.Add(ask);
            }

            if (asks.Count == 0)
            {
                _waiting.Remove(group);
            }
        }

        return asks;
    }

    private async Task<(string Outcome, string Detail)[]> SendAsync(RedisKey cursor, string lease, IReadOnlyList<Ask> asks)
    {
        var (keys, values) = (new List<RedisKey> { cursor }, new List<RedisValue> { lease });
        foreach (var ask in asks.Where(ask => ask.State is not null))
        {
            keys.Add(ask.State!.Value);
            values.AddRange([ask.Etag, ask.NewEtag, ask.Data]);
        }

        Interlocked.Increment(ref _scripts);
        var reply = (RedisResult[])(await _redis.ScriptEvaluateAsync(Script, [.. keys], [.. values]).ConfigureAwait(false))!;
        (string, string) At(int i) => ((string)reply[2 * i]!, (string)reply[(2 * i) + 1]!);

        // The first answer is the lease's. When it is refused there is no other.
        var answers = new (string Outcome, string Detail)[asks.Count];
        for (var (i, state) = (0, 0); i < asks.Count; i++)
        {
            answers[i] = asks[i].State is null || reply.Length == 2 && keys.Count > 1 ? At(0) : At(++state);
        }

        return answers;
    }

    /// <summary>A write, or with no state the question whether the lease is in force.</summary>
    private sealed record Ask(RedisKey? State, string Etag, string NewEtag, ReadOnlyMemory<byte> Data)
    {
        public TaskCompletionSource<(string Outcome, string Detail)> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
