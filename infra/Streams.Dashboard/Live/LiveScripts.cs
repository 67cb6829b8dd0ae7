namespace Streams.Dashboard.Live;

/// <summary>The Lua scripts of a run's live log.</summary>
internal static class LiveScripts
{
    /// <summary>
    /// Appends what the log does not have yet, each with the next sequence number, publishes it as "SEQ JSON" and counts it with its topic. Few commands
    /// for many results: a command in a script costs a microsecond or two of the server, which has one thread.
    /// KEYS state, log, ids. ARGV log length, ids remembered, channel, then id, topic and JSON of each.
    /// </summary>
    public const string Append = """
        local unpack = unpack or table.unpack
        local asked = {}
        for i = 4, #ARGV, 3 do
          asked[#asked + 1] = ARGV[i]
        end
        local known = redis.call('ZMSCORE', KEYS[3], unpack(asked))
        local state = redis.call('HMGET', KEYS[1], 'seq', 'first')
        local seq, first = tonumber(state[1] or '0'), tonumber(state[2] or '1')
        local ids, bodies, counts, here = {}, {}, {}, {}
        for i = 1, #asked do
          local id, topic, body = asked[i], ARGV[3 * i + 2], ARGV[3 * i + 3]
          if not known[i] and not here[id] then
            here[id] = true
            seq = seq + 1
            local text = string.format('%d', seq)
            ids[#ids + 1], ids[#ids + 2] = text, id
            bodies[#bodies + 1], bodies[#bodies + 2] = text, body
            counts[topic] = (counts[topic] or 0) + 1
            redis.call('PUBLISH', ARGV[3], text .. ' ' .. body)
          end
        end
        if #ids == 0 then
          return 0
        end

        redis.call('ZADD', KEYS[3], unpack(ids))
        redis.call('HSET', KEYS[2], unpack(bodies))
        for topic, count in pairs(counts) do
          redis.call('HINCRBY', KEYS[1], 'count:' .. topic, count)
        end

        -- As many as came in go out; more when the length was lowered since.
        local old = {}
        while first <= seq - tonumber(ARGV[1]) do
          old[#old + 1] = string.format('%d', first)
          first = first + 1
          if #old == 1000 then
            redis.call('HDEL', KEYS[2], unpack(old))
            old = {}
          end
        end
        if #old > 0 then
          redis.call('HDEL', KEYS[2], unpack(old))
        end
        redis.call('HSET', KEYS[1], 'seq', string.format('%d', seq), 'first', string.format('%d', first))
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
