using System.Text.Json;
using StackExchange.Redis;
using Streams.Schemas.Results;

namespace Streams.Host.Runs;

/// <summary>
/// All runs, in Redis: every host sees the same, and they outlive all hosts. One hash, <c>streams:runs:registry</c>, field the run's name, value
/// its JSON; changed by compare-and-set of the whole value.
/// </summary>
internal sealed class RunRegistry(IConnectionMultiplexer redis)
{
    private const string CompareAndSet = """
        local held = redis.call('HGET', KEYS[1], ARGV[1])
        if (held or '') ~= ARGV[2] then return 0 end
        if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
        return 1
        """;

    private static readonly RedisKey Key = "streams:runs:registry";
    private readonly IDatabase _redis = redis.GetDatabase();

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<RunStatus>> ListAsync() =>
        [.. (await _redis.HashGetAllAsync(Key)).Select(entry => Parse(entry.Value)).OrderByDescending(run => run.Created)];

    public async Task<RunStatus?> FindAsync(string run) => await _redis.HashGetAsync(Key, run) is { IsNull: false } json ? Parse(json) : null;

    /// <summary>Enters a run; false when its name is taken.</summary>
    public Task<bool> AddAsync(RunStatus run) => WriteAsync(run.Run, "", Text(run));

    /// <summary>
    /// Changes a run. <paramref name="change"/> sees what is there and gives what shall be there, or null to leave it; it is asked again when somebody
    /// else was faster.
    /// </summary>
    /// <returns>The run as it is now; null when there is none.</returns>
    public async Task<RunStatus?> UpdateAsync(string run, Func<RunStatus, RunStatus?> change)
    {
        while (true)
        {
            var held = await _redis.HashGetAsync(Key, run);
            if (held.IsNull)
            {
                return null;
            }

            var before = Parse(held);
            if (change(before) is not { } after)
            {
                return before;
            }

            if (await WriteAsync(run, held!, Text(after)))
            {
                return after;
            }
        }
    }

    /// <summary>Forgets a run.</summary>
    public Task RemoveAsync(string run) => _redis.HashDeleteAsync(Key, run);

    private async Task<bool> WriteAsync(string run, string before, string after) =>
        (int)await _redis.ScriptEvaluateAsync(CompareAndSet, [Key], [run, before, after]) == 1;

    private static RunStatus Parse(RedisValue json) => JsonSerializer.Deserialize<RunStatus>((string)json!, ResultJson.Options)!;

    private static string Text(RunStatus run) => JsonSerializer.Serialize(run, ResultJson.Options);
}
