using StackExchange.Redis;

namespace Streams.Dashboard.Results;

/// <summary>Names of everything in Redis; the README of this folder documents them for other readers.</summary>
internal static class ResultKeys
{
    public static readonly RedisKey Runs = "streams:runs";

    public static readonly RedisKey ProjectionCursors = "streams:projected";

    public static readonly RedisKey Serving = "streams:serving";

    public static readonly RedisChannel ServingChannel = RedisChannel.Literal("streams:serving");

    /// <summary>Of the state of a run's live log: how many results of <paramref name="topic"/> it has ever had.</summary>
    public static RedisValue CountField(string topic) => "count:" + topic;

    public static RedisKey KeyIndex(string run, string topic) => $"streams:{{{run}/{topic}}}:keys";

    public static PerKey Of(string run, string topic, string key) => new($"streams:{{{run}/{topic}/{key}}}:");

    public static PerRun LiveLog(string run) => new($"streams:live:{{{run}}}:", RedisChannel.Literal($"streams:live:{run}"));

    /// <summary>The keys of one (run, topic, key). All have one hash tag, so that a script may touch them together in a cluster.</summary>
    internal readonly struct PerKey(string prefix)
    {
        public RedisKey Latest => prefix + "latest";

        public RedisKey History => prefix + "history";

        public RedisKey Bodies => prefix + "bodies";

        public RedisKey Meta => prefix + "meta";

        public RedisKey Pending => prefix + "pending";

        public RedisKey[] All => [Latest, History, Bodies, Meta, Pending];
    }

    /// <summary>The live log of one run.</summary>
    internal readonly struct PerRun(string prefix, RedisChannel channel)
    {
        public RedisKey State => prefix + "state";

        public RedisKey Log => prefix + "log";

        public RedisKey Ids => prefix + "ids";

        public RedisChannel Channel => channel;

        public RedisKey[] All => [State, Log, Ids];
    }
}
