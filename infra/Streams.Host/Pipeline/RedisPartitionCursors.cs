using System.Globalization;
using StackExchange.Redis;
using Streams.Host.Configuration;
using Streams.Ingest;

namespace Streams.Host.Pipeline;

/// <summary>
/// The partitions' cursors and leases, in the Redis that holds the grains' state and under its hash tag. A cursor moves only while the server
/// is the one that the lease was taken on: with an append-only file that is flushed every second, a server that was killed comes back without
/// the writes it acknowledged last, and a cursor written after that could pass over state that is gone. The comparison and the write are one
/// script.
/// </summary>
internal sealed class RedisPartitionCursors(IConnectionMultiplexer redis, StreamsOptions options) : IPartitionCursors
{
    // A server's run_id is drawn anew with every start, and a replica that takes over has its own. Garnet has none; the embedded one starts
    // with the process, and acknowledges only what its append-only file holds.
    internal const string Server = """
        local ok, info = pcall(redis.call, 'INFO', 'server')
        local server = ok and string.match(info, 'run_id:(%w+)') or ''

        """;

    private const string Acquire = Server + """
        local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
        redis.call('HSET', KEYS[1], 'lease', ARGV[1], 'server', server)
        return {tostring(epoch), redis.call('HGET', KEYS[1], 'next') or '-1'}
        """;

    // ARGV lease, next offset (-1 only compares).
    private const string Advance = Server + """
        local held = redis.call('HMGET', KEYS[1], 'lease', 'server', 'next', 'epoch')
        local next = held[3] or '-1'
        if held[2] ~= server then return {'rolled-back', next} end
        if held[1] ~= ARGV[1] then return {'stale', held[4] or '0'} end
        if tonumber(ARGV[2]) > tonumber(next) then redis.call('HSET', KEYS[1], 'next', ARGV[2]) end
        return {'ok', next}
        """;

    private readonly IDatabase _redis = redis.GetDatabase();

    public async ValueTask<PartitionLease> AcquireAsync(PartitionId partition, CancellationToken ct)
    {
        var id = Guid.NewGuid().ToString("n");
        var reply = (RedisResult[])(await _redis.ScriptEvaluateAsync(Acquire, [Key(options, partition)], [id]).WaitAsync(ct))!;
        return new PartitionLease((long)reply[0], (long)reply[1], id);
    }

    public ValueTask AdvanceAsync(PartitionId partition, PartitionLease lease, long nextOffset, CancellationToken ct) =>
        CompareAsync(partition, lease, nextOffset, ct);

    public ValueTask VerifyAsync(PartitionId partition, PartitionLease lease, CancellationToken ct) => CompareAsync(partition, lease, -1, ct);

    public async ValueTask<long> ReadAsync(PartitionId partition, CancellationToken ct) =>
        await _redis.HashGetAsync(Key(options, partition), "next").WaitAsync(ct) is { IsNull: false } next ? (long)next : -1;

    /// <summary>Epoch of the newest owner; 0 when there was none.</summary>
    public async ValueTask<long> ReadEpochAsync(PartitionId partition, CancellationToken ct) =>
        (long)await _redis.HashGetAsync(Key(options, partition), "epoch").WaitAsync(ct);

    private async ValueTask CompareAsync(PartitionId partition, PartitionLease lease, long nextOffset, CancellationToken ct)
    {
        var reply = (RedisResult[])(await _redis.ScriptEvaluateAsync(Advance, [Key(options, partition)], [lease.Id, nextOffset]).WaitAsync(ct))!;
        switch ((string)reply[0]!)
        {
            case "stale":
                throw new StaleEpochException(partition, lease.Epoch, (long)reply[1]);
            case "rolled-back":
                throw new StoreRolledBackException(partition, (long)reply[1]);
        }
    }

    internal static RedisKey Key(StreamsOptions options, PartitionId partition) =>
        StateKeys.Prefix(options.Orleans.ServiceId, partition.Run, partition.Topic) + "cursor/" + partition.Partition.ToString(CultureInfo.InvariantCulture);
}
