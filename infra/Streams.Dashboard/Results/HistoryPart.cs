using System.Globalization;
using StackExchange.Redis;
using Streams.Dashboard.Serving;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Results;

/// <summary>
/// One key's history in one run, of which only what lies inside the bounds of a promotion is wanted, or only what lies outside: without bounds, all.
/// </summary>
internal sealed class HistoryPart(IDatabase redis, string run, string topic, string key, IReadOnlyList<ServedRange> bounds, bool inside)
{
    /// <summary>
    /// Walks a history from the newest on. A script holds up the whole server, so it looks at a bounded number of members and tells where it
    /// stopped. Returns '1' when it came to the end, time and member of the last one looked at, how many fit, and their JSON when asked for.
    /// KEYS history, bodies. ARGV from, to, most that are wanted, 'in' or 'out', '1' for the JSON, time and member to begin below or '' and '',
    /// then partition, start and end of each range in the digits of a member.
    /// </summary>
    private const string Walk = """
        local from, most, wanted = tonumber(ARGV[1]), tonumber(ARGV[3]), ARGV[4] == 'in'
        local below, belowMember = tonumber(ARGV[6]), ARGV[7]
        -- Two runs' results of one record have one place.
        local belowPlace = string.sub(belowMember, 1, 39)
        local ranges = {}
        for i = 8, #ARGV, 3 do
          ranges[ARGV[i]] = {ARGV[i + 1], ARGV[i + 2]}
        end
        local rank = below and redis.call('ZREVRANK', KEYS[1], belowMember)
        local start = rank and rank + 1 or redis.call('ZCOUNT', KEYS[1], '(' .. ARGV[2], '+inf')
        local reply, fits, looked = {'0', ARGV[6], belowMember, '0'}, 0, 0
        while looked < 4096 and fits < most do
          local page = redis.call('ZREVRANGE', KEYS[1], start + looked, start + looked + 255, 'WITHSCORES')
          if #page == 0 then reply[1] = '1' break end
          for i = 1, #page, 2 do
            local member, time = page[i], tonumber(page[i + 1])
            if time < from then reply[1] = '1' break end
            looked = looked + 1
            reply[2], reply[3] = page[i + 1], member
            if not below or time < below or string.sub(member, 1, 39) < belowPlace then
              local range = ranges[string.sub(member, 30, 39)]
              local offset = string.sub(member, 1, 19)
              if (range ~= nil and offset >= range[1] and offset < range[2]) == wanted then
                fits = fits + 1
                if ARGV[5] == '1' then reply[4 + fits] = redis.call('HGET', KEYS[2], member) end
                if fits == most then break end
              end
            end
          end
          if reply[1] == '1' then break end
        end
        reply[4] = string.format('%d', fits)
        return reply
        """;

    /// <summary>Past every event time, and a number to both Lua versions, which "inf" is not.</summary>
    private const string Forever = "1000000000000000000";

    private readonly ResultKeys.PerKey _keys = ResultKeys.Of(run, topic, key);

    /// <summary>Up to <paramref name="count"/> results, newest first, below <paramref name="below"/> in the order of the history.</summary>
    public async Task<IReadOnlyList<ResultRecord>> ReadAsync(HistoryQuery query, int count, Position? below)
    {
        var results = new List<ResultRecord>();
        await WalkAsync(query, count, below, withBodies: true, results);
        return results;
    }

    /// <summary>How many there are, of those that history still has.</summary>
    public Task<long> CountAsync() => WalkAsync(new HistoryQuery(), int.MaxValue, null, withBodies: false, []);

    /// <summary>Where a page begins: at the place that a cursor names, or below a result that is kept. Null when there is no such result.</summary>
    /// <param name="redis">Where the histories are.</param>
    /// <param name="topic">The result topic.</param>
    /// <param name="key">The key.</param>
    /// <param name="before">See <see cref="HistoryQuery.Before"/>.</param>
    public static async Task<Position?> FindAsync(IDatabase redis, string topic, string key, string before)
    {
        if (HistoryCursor.TryParse(before, out var cursor))
        {
            return new Position(cursor.Time.ToString(CultureInfo.InvariantCulture), ResultOrder.Member(cursor.Id));
        }

        var member = ResultOrder.Member(before);
        return ResultId.TryParse(before, out var parsed) && await redis.SortedSetScoreAsync(ResultKeys.Of(parsed.Run, topic, key).History, member) is { } time
            ? new Position(((long)time).ToString(CultureInfo.InvariantCulture), member)
            : null;
    }

    private async Task<long> WalkAsync(HistoryQuery query, int count, Position? below, bool withBodies, List<ResultRecord> results)
    {
        var from = query.From is { } earliest ? Micros(earliest) : "-" + Forever;
        var to = query.To is { } latest ? Micros(latest) : Forever;

        // Nothing of the range is above such a place: it limits nothing, and the range's own end does.
        if (below is not null && long.Parse(below.Time, CultureInfo.InvariantCulture) > long.Parse(to, CultureInfo.InvariantCulture))
        {
            below = null;
        }

        long fits = 0;
        while (true)
        {
            RedisValue[] arguments =
            [
                from, below?.Time ?? to, count - fits, inside ? "in" : "out", withBodies ? "1" : "0", below?.Time ?? "", below?.Member ?? "",
                .. bounds.SelectMany(IEnumerable<RedisValue> (range) =>
                    [Digits(range.Partition, 10), Digits(range.Start, 19), Digits(range.End, 19)]),
            ];
            var reply = (RedisValue[])(await redis.ScriptEvaluateAsync(Walk, [_keys.History, _keys.Bodies], arguments))!;
            results.AddRange(reply[4..].Select(RedisResultStore.Parse));
            fits += (long)reply[3];
            if (reply[0] == "1" || fits >= count)
            {
                return fits;
            }

            below = new Position(reply[1]!, reply[2]!);
        }
    }

    private static string Digits(long value, int count) => value.ToString("D" + count, CultureInfo.InvariantCulture);

    private static string Micros(DateTimeOffset time) => EventTime.ToMicroseconds(time).ToString(CultureInfo.InvariantCulture);

    /// <summary>A place in the order of histories: event time in microseconds, then the member.</summary>
    internal sealed record Position(string Time, string Member);
}
