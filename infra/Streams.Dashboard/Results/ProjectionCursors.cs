using System.Globalization;
using StackExchange.Redis;

namespace Streams.Dashboard.Results;

/// <summary>
/// How far each partition of a results topic is projected, kept in the Redis that holds the projection. A Redis with an append-only file that is
/// flushed every second comes back from a kill without its last writes; results lost with them must be read from Kafka again, so a cursor moves
/// only while the server is the one that it was begun on (its <c>run_id</c>), compared and written in one script.
/// </summary>
public sealed class ProjectionCursors(IConnectionMultiplexer redis)
{
    // Garnet has no run_id; it acknowledges only what its append-only file holds.
    private const string Server = """
        local ok, info = pcall(redis.call, 'INFO', 'server')
        local server = ok and string.match(info, 'run_id:(%w+)') or ''

        """;

    private const string BeginScript = Server + """
        redis.call('HSET', KEYS[1], ARGV[1] .. ':server', server)
        return redis.call('HGET', KEYS[1], ARGV[1] .. ':next') or '-1'
        """;

    private const string AdvanceScript = Server + """
        local held = redis.call('HMGET', KEYS[1], ARGV[1] .. ':server', ARGV[1] .. ':next')
        if held[1] ~= server then return 0 end
        if tonumber(ARGV[2]) > tonumber(held[2] or '-1') then redis.call('HSET', KEYS[1], ARGV[1] .. ':next', ARGV[2]) end
        return 1
        """;

    private readonly IDatabase _redis = redis.GetDatabase();

    /// <summary>Where to go on: the next offset, or -1 when nothing of the partition is projected yet.</summary>
    public async Task<long> BeginAsync(string topic, int partition) =>
        (long)await _redis.ScriptEvaluateAsync(BeginScript, [ResultKeys.ProjectionCursors], [Field(topic, partition)]);

    /// <summary>
    /// Everything below <paramref name="nextOffset"/> is projected. False when the server is another than at <see cref="BeginAsync"/>: begin again
    /// and read from there. With -1 it only compares.
    /// </summary>
    public async Task<bool> AdvanceAsync(string topic, int partition, long nextOffset) =>
        (int)await _redis.ScriptEvaluateAsync(AdvanceScript, [ResultKeys.ProjectionCursors], [Field(topic, partition), nextOffset]) == 1;

    /// <summary>Forgets the cursors of topics that are deleted: a topic of the same name would begin in the middle.</summary>
    public async Task ForgetAsync(string topicPrefix)
    {
        var fields = (await _redis.HashKeysAsync(ResultKeys.ProjectionCursors)).Where(field => ((string)field!).StartsWith(topicPrefix, StringComparison.Ordinal)).ToArray();
        if (fields.Length > 0)
        {
            await _redis.HashDeleteAsync(ResultKeys.ProjectionCursors, fields);
        }
    }

    private static string Field(string topic, int partition) => string.Create(CultureInfo.InvariantCulture, $"{topic}/{partition}");
}
