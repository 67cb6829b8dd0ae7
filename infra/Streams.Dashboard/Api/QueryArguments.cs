using System.Globalization;
using Microsoft.AspNetCore.Http;
using Streams.Dashboard.Live;
using Streams.Dashboard.Results;
using Streams.Dashboard.Serving;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Api;

/// <summary>Reads and checks what a request asks for. Every message names the argument, its value and what would be right.</summary>
internal static class QueryArguments
{
    private const int MaxKeyLength = 512;

    public static string Topic(string topic) =>
        Topics.Results.Contains(topic)
            ? topic
            : throw BadQueryException.NotFound($"topic '{topic}' is no result topic; there are {string.Join(", ", Topics.Results)}");

    /// <summary>The run, live unless named.</summary>
    public static string Run(HttpRequest request)
    {
        var run = Single(request, "run") ?? Topics.LiveRun;
        return run.Length is > 0 and <= 128 && !run.Contains('/', StringComparison.Ordinal)
            ? run
            : throw BadQueryException.Argument("run", run, "is no name of a run: 1 to 128 characters without '/'");
    }

    /// <summary>The run, which must have results, unless it is live or live's own: those may be empty.</summary>
    public static async Task<string> ExistingRunAsync(HttpRequest request, RedisResultStore store)
    {
        var run = Run(request);
        if (run is Topics.LiveRun or ServedResults.LiveOwn)
        {
            return run;
        }

        var runs = await store.GetRunsAsync();
        return runs.Contains(run)
            ? run
            : throw BadQueryException.NotFound($"run '{run}' has no results; there are {(runs.Count == 0 ? "none yet" : string.Join(", ", runs))}");
    }

    public static string? Key(HttpRequest request) =>
        Single(request, "key") is not { } key ? null
        : key.Length is > 0 and <= MaxKeyLength ? key
        : throw BadQueryException.Argument("key", key, $"is no key: 1 to {MaxKeyLength} characters");

    public static HistoryQuery History(HttpRequest request)
    {
        var from = Time(request, "from");
        var to = Time(request, "to");
        if (from > to)
        {
            throw BadQueryException.Argument("from", Single(request, "from"), $"is later than to '{Single(request, "to")}'");
        }

        var before = Single(request, "before");
        if (before is not null && !HistoryCursor.TryParse(before, out _) && !ResultId.TryParse(before, out _))
        {
            throw BadQueryException.Argument("before", before, "is no place in a history and no result id; pass the 'before' of the page that you have");
        }

        return new HistoryQuery(from, to, Limit(request), before);
    }

    /// <summary>Where a live reader left off: the Last-Event-ID header, or the argument for clients that cannot set headers.</summary>
    public static LiveCursor? Cursor(HttpRequest request)
    {
        var header = request.Headers["Last-Event-ID"].ToString();
        var text = header.Length > 0 ? header : Single(request, "lastEventId");
        return text is null ? null
            : LiveCursor.TryParse(text, out var cursor) ? cursor
            : throw BadQueryException.Argument("Last-Event-ID", text, "is no event id of this stream; leave it out to begin at the present");
    }

    /// <summary>How many are wanted at most.</summary>
    public static int Limit(HttpRequest request) => Number(request, "limit", HistoryQuery.DefaultLimit, 1, HistoryQuery.MaxLimit);

    /// <summary>How many to pass over.</summary>
    public static int Skip(HttpRequest request) => Number(request, "skip", 0, 0, int.MaxValue / 2);

    private static int Number(HttpRequest request, string name, int otherwise, int least, int most) =>
        Single(request, name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw BadQueryException.Argument(name, text, $"is out of range; give {least} to {most}");

    private static DateTimeOffset? Time(HttpRequest request, string name)
    {
        if (Single(request, name) is not { } text)
        {
            return null;
        }

        // A '+' of an offset that was not escaped arrives as a space.
        return DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw BadQueryException.Argument(name, text, "is no ISO 8601 time; write for instance 2026-01-31T12:00:00Z");
    }

    private static string? Single(HttpRequest request, string name)
    {
        var values = request.Query[name];
        return values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => throw BadQueryException.Argument(name, values.ToString(), "is given more than once; give it once"),
        };
    }
}
