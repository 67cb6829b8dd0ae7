namespace Streams.Dashboard.Results;

/// <summary>
/// The Lua scripts of the store. They run on Redis 7 (Lua 5.1) and on Garnet (Lua 5.4): numbers that go back to Redis are passed through as the
/// text they came in or formatted as %d, because the two write floats differently.
/// </summary>
internal static class ResultScripts
{
    /// <summary>
    /// Applies one result to its key. Returns 2 when it is new, 1 when it was applied but its publication is not confirmed yet, 0 when it is known.
    /// KEYS latest, history, bodies, meta, pending. ARGV member, time, id, json, history length, source field, position length.
    /// </summary>
    public const string Apply = """
        local member, time = ARGV[1], tonumber(ARGV[2])
        if redis.call('ZSCORE', KEYS[2], member) then
          return redis.call('SISMEMBER', KEYS[5], member)
        end

        -- Below the history's lower end nothing is remembered by id. There a result is new only when its source
        -- offset is beyond all that this source partition has brought so far.
        local keep = tonumber(ARGV[5])
        local low = redis.call('HMGET', KEYS[4], 'floorTime', 'floorMember', ARGV[6], 'count')
        local floorTime, floorMember, seen = low[1], low[2], low[3]
        local size = redis.call('ZCARD', KEYS[2])
        if size >= keep then
          local oldest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
          local oldestTime = tonumber(oldest[2])
          if not floorTime or oldestTime > tonumber(floorTime)
            or (oldestTime == tonumber(floorTime) and oldest[1] > floorMember) then
            floorTime, floorMember = oldest[2], oldest[1]
          end
        end
        local below = floorTime
          and (time < tonumber(floorTime) or (time == tonumber(floorTime) and member <= floorMember))
        local position = string.sub(member, 1, tonumber(ARGV[7]))
        if below and seen and position <= seen then
          return redis.call('SISMEMBER', KEYS[5], member)
        end

        if seen and seen > position then
          position = seen
        end
        redis.call('HSET', KEYS[4], ARGV[6], position, 'count', string.format('%d', tonumber(low[4] or '0') + 1))
        redis.call('SADD', KEYS[5], member)
        if below then
          return 2
        end

        redis.call('ZADD', KEYS[2], ARGV[2], member)
        redis.call('HSET', KEYS[3], member, ARGV[4])
        local latest = redis.call('HMGET', KEYS[1], 'time', 'order')
        if not latest[1] or tonumber(latest[1]) < time or (tonumber(latest[1]) == time and latest[2] < member) then
          redis.call('HSET', KEYS[1], 'id', ARGV[3], 'time', ARGV[2], 'order', member, 'json', ARGV[4])
        end

        -- One more came in, so one goes out; a few more when the length was lowered since.
        local excess = size + 1 - keep
        if excess > 0 then
          local last = math.min(excess, 256) - 1
          local old = redis.call('ZRANGE', KEYS[2], 0, last, 'WITHSCORES')
          for i = 1, #old, 2 do
            redis.call('HDEL', KEYS[3], old[i])
            redis.call('HSET', KEYS[4], 'floorTime', old[i + 1], 'floorMember', old[i])
          end
          redis.call('ZREMRANGEBYRANK', KEYS[2], 0, last)
        end
        return 2
        """;
}
