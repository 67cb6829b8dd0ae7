using Streams.Dashboard.Results;
using Streams.Schemas;

namespace Streams.Dashboard.Api.OpenApi;

/// <summary>Arguments that several endpoints take; <see cref="QueryArguments"/> reads them.</summary>
internal static class ApiParameters
{
    public static ApiParameter Topic { get; } = new("topic", "A results topic.") { Values = [.. Topics.Results], Example = Topics.VideoCaptions };

    public static ApiParameter Run { get; } = new(
        "run", "The run: `live` (the default) with what is promoted in it, `live:own` without, or the name of a replay.")
    {
        Least = 1,
        Most = 128,
        Default = Topics.LiveRun,
        Example = Topics.LiveRun,
    };

    public static ApiParameter Key { get; } = new("key", "A camera, sensor network or labelling task. Left out: all of them.") { Least = 1, Most = 512, Example = "gate" };

    public static ApiParameter From { get; } = new("from", "Earliest event time, inclusive. Left out: from the oldest kept.")
    {
        Format = "date-time",
        Example = "2026-01-31T12:00:00Z",
    };

    public static ApiParameter To { get; } = new("to", "Latest event time, inclusive. Left out: to the newest.") { Format = "date-time", Example = "2026-01-31T13:00:00Z" };

    public static ApiParameter Limit { get; } = new("limit", "Most of them in the answer.")
    {
        IsInteger = true,
        Least = 1,
        Most = HistoryQuery.MaxLimit,
        Default = HistoryQuery.DefaultLimit,
    };

    public static ApiParameter Skip { get; } = new("skip", "How many of the newest to pass over.") { IsInteger = true, Least = 0, Default = 0 };

    public static ApiParameter Before { get; } = new(
        "before",
        "Where the page before ended: its `before`. With `key`, the id of any result of that key does, too. Results that come meanwhile move no page.");

    public static ApiParameter LastEventId { get; } = new(
        "Last-Event-ID", "The id of the last event received; the stream goes on after it. `lastEventId` in the query does the same.")
    {
        InHeader = true,
    };

    public static ApiParameter LastEventIdQuery { get; } = new("lastEventId", "For clients that cannot set headers: the id of the last event received.");
}
