using System.Globalization;
using System.Text.Json;
using StackExchange.Redis;
using Streams.Dashboard.Results;

namespace Streams.Dashboard.Live;

/// <summary>The bounded log of a run in Redis: every result once, with a sequence number without gaps.</summary>
internal sealed class LiveLog(IDatabase redis, ResultStoreOptions options)
{
    /// <summary>Ids are cheap: remembering more of them than bodies keeps a projector that stalled for long from repeating a result.</summary>
    private const int IdsPerBody = 8;

    private const int MaxAppend = 128;
    private const int MaxAppendBytes = 1 << 20;
    private const int MaxRead = 256;
    private const int MaxReadBytes = 2 << 20;

    public async Task AppendAsync(string run, IReadOnlyList<Addition> results)
    {
        // A script holds up the whole server, so it gets work in bounded pieces.
        var keys = ResultKeys.LiveLog(run);
        var next = 0;
        while (next < results.Count)
        {
            var arguments = new List<RedisValue> { options.LiveLogLength, (long)options.LiveLogLength * IdsPerBody, (string)keys.Channel! };
            var bytes = 0;
            do
            {
                arguments.Add(results[next].Id);
                arguments.Add(results[next].Topic);
                arguments.Add(results[next].Json);
                bytes += results[next].Json.Length;
                next++;
            }
            while (next < results.Count && arguments.Count < 3 * MaxAppend && bytes < MaxAppendBytes);
            await redis.ScriptEvaluateAsync(LiveScripts.Append, keys.All, [.. arguments]);
        }
    }

    /// <summary>Entries after <paramref name="after"/>, as many as fit in one reply.</summary>
    /// <param name="run">The run.</param>
    /// <param name="after">Sequence number of the last entry already had.</param>
    /// <param name="id">Id of that entry, to tell a log that was begun anew from the one that it came from; null when that is not asked.</param>
    public async Task<Page> ReadAsync(string run, long after, string? id = null)
    {
        var keys = ResultKeys.LiveLog(run);
        var reply = (RedisValue[])(await redis.ScriptEvaluateAsync(LiveScripts.Read, keys.All, [after, MaxRead, MaxReadBytes, id ?? ""]))!;
        var entries = new LiveEntry[(reply.Length - 3) / 2];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = Entry(Number(reply[3 + (2 * i)]), (byte[])reply[4 + (2 * i)]!);
        }

        return new Page(Number(reply[0]), Number(reply[1]), (string?)reply[2] == "1", entries);
    }

    /// <summary>Reads a message of the run's channel; null when it is not one of ours.</summary>
    public static LiveEntry? ParseMessage(RedisValue message)
    {
        var bytes = (byte[])message!;
        var space = Array.IndexOf(bytes, (byte)' ');
        try
        {
            return space > 0 && long.TryParse(bytes.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                ? Entry(sequence, bytes[(space + 1)..])
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static LiveEntry Entry(long sequence, byte[] json) => new(sequence, RedisResultStore.Parse(json), json);

    private static long Number(RedisValue text) => long.Parse((string)text!, CultureInfo.InvariantCulture);

    /// <summary>A result to append.</summary>
    internal readonly record struct Addition(string Id, string Topic, byte[] Json);

    /// <summary>What a read found.</summary>
    /// <param name="Last">Newest sequence number of the log; 0 when it is empty.</param>
    /// <param name="First">Oldest sequence number that is kept.</param>
    /// <param name="Known">The id asked about has the sequence number asked about.</param>
    /// <param name="Entries">The entries.</param>
    internal sealed record Page(long Last, long First, bool Known, IReadOnlyList<LiveEntry> Entries);
}
