using System.Globalization;
using StackExchange.Redis;

namespace Streams.Dashboard.Results;

/// <summary>
/// How far each partition of a results topic is projected, kept in the Redis that holds the projection. A Redis with an append-only file that is
/// flushed every second comes back from a kill without its last writes; results lost with them must be read from Kafka again, so a cursor moves
/// only while the server is the one that its projector began on (its <c>run_id</c>), compared and written in one script.
/// </summary>
public sealed class ProjectionCursors(IConnectionMultiplexer redis)
{
    // Garnet has no run_id; it acknowledges only what its append-only file holds.
    private const string Server = """
        local ok, info = pcall(redis.call, 'INFO', 'server')
        local server = ok and string.match(info, 'run_id:(%w+)') or ''

        """;

    private const string BeginScript = Server + "return {redis.call('HGET', KEYS[1], ARGV[1]) or '-1', server}";

    // ARGV field, server of the beginning, next offset (-1 only compares). The server comes from the caller, not from the hash: a projector that
    // was frozen while Redis was restarted must not pass for the one that took its partition over since.
    private const string AdvanceScript = Server + """
        if ARGV[2] ~= server then return 0 end
        if tonumber(ARGV[3]) > tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '-1') then redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
        return 1
        """;

    private readonly IDatabase _redis = redis.GetDatabase();

    /// <summary>Where to go on.</summary>
    public async Task<ProjectionStart> BeginAsync(string topic, int partition)
    {
        var reply = (RedisResult[])(await _redis.ScriptEvaluateAsync(BeginScript, [ResultKeys.ProjectionCursors], [Field(topic, partition)]))!;
        return new ProjectionStart((long)reply[0], (string)reply[1]!);
    }

    /// <summary>
    /// Everything from <paramref name="start"/> to <paramref name="nextOffset"/> is projected. False when the server is another than at the start:
    /// begin again and read from there. With -1 it only compares. A cursor never moves back, so projectors may overlap.
    /// </summary>
    public async Task<bool> AdvanceAsync(string topic, int partition, ProjectionStart start, long nextOffset) =>
        (int)await _redis.ScriptEvaluateAsync(
            AdvanceScript, [ResultKeys.ProjectionCursors], [Field(topic, partition), start.Server, nextOffset]) == 1;

    /// <summary>Forgets the cursor of a partition whose topic was deleted and created anew: offsets of the old one mean nothing in it.</summary>
    public Task ForgetAsync(string topic, int partition) => _redis.HashDeleteAsync(ResultKeys.ProjectionCursors, Field(topic, partition));

    /// <summary>The same for all partitions of a topic.</summary>
    internal static async Task ForgetAsync(IDatabase redis, string topic)
    {
        var fields = (await redis.HashKeysAsync(ResultKeys.ProjectionCursors)).Where(field => ((string)field!).StartsWith(topic + "/", StringComparison.Ordinal));
        await redis.HashDeleteAsync(ResultKeys.ProjectionCursors, [.. fields]);
    }

    private static string Field(string topic, int partition) => string.Create(CultureInfo.InvariantCulture, $"{topic}/{partition}");
}

/// <summary>What a projector of a partition began with.</summary>
/// <param name="NextOffset">First offset that is not projected; -1 when nothing is.</param>
/// <param name="Server">The Redis server, as it was started that time.</param>
public readonly record struct ProjectionStart(long NextOffset, string Server);
