namespace Streams.Dashboard.Live;

/// <summary>The Lua scripts of a run's live log.</summary>
internal static class LiveScripts
{
    /// <summary>
    /// Appends what the log does not have yet, each with the next sequence number, and publishes it as "SEQ JSON".
    /// KEYS state, log, ids. ARGV log length, ids remembered, channel, then id and JSON of each.
    /// </summary>
    public const string Append = """
        local length = tonumber(ARGV[1])
        for i = 4, #ARGV, 2 do
          if not redis.call('ZSCORE', KEYS[3], ARGV[i]) then
            local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
            local text = string.format('%d', seq)
            redis.call('ZADD', KEYS[3], text, ARGV[i])
            redis.call('HSET', KEYS[2], text, ARGV[i + 1])
            local first = tonumber(redis.call('HGET', KEYS[1], 'first') or '1')
            local start = first
            while first <= seq - length do
              redis.call('HDEL', KEYS[2], string.format('%d', first))
              first = first + 1
            end
            if first ~= start then
              redis.call('HSET', KEYS[1], 'first', string.format('%d', first))
            end
            redis.call('PUBLISH', ARGV[3], text .. ' ' .. ARGV[i + 1])
          end
        end
        redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -(tonumber(ARGV[2]) + 1))
        return 1
        """;

    /// <summary>
    /// Reads entries after a sequence number. Returns last, first kept, '1' when the id given has the sequence number given, then number and JSON of each.
    /// KEYS state, log, ids. ARGV after, most entries, most characters, id or ''.
    /// </summary>
    public const string Read = """
        local state = redis.call('HMGET', KEYS[1], 'seq', 'first')
        local last, first = tonumber(state[1] or '0'), tonumber(state[2] or '1')
        local after, room = tonumber(ARGV[1]), tonumber(ARGV[3])
        local known = '0'
        if ARGV[4] ~= '' then
          local score = redis.call('ZSCORE', KEYS[3], ARGV[4])
          if score and tonumber(score) == after then known = '1' end
        end
        local reply = {string.format('%d', last), string.format('%d', first), known}
        local from = math.max(after + 1, first)
        for seq = from, math.min(last, from + tonumber(ARGV[2]) - 1) do
          local text = string.format('%d', seq)
          local body = redis.call('HGET', KEYS[2], text)
          room = room - #body
          if room < 0 and seq > from then break end
          reply[#reply + 1] = text
          reply[#reply + 1] = body
        end
        return reply
        """;
}
