namespace Streams.Schemas;

/// <summary>Event times travel as microseconds since 1970-01-01T00:00:00Z.</summary>
public static class EventTime
{
    /// <summary>The first microsecond of the year 1.</summary>
    public static readonly long MinMicroseconds = ToMicroseconds(DateTimeOffset.MinValue);

    /// <summary>The last microsecond of the year 9999.</summary>
    public static readonly long MaxMicroseconds = ToMicroseconds(DateTimeOffset.MaxValue);

    /// <summary>Microseconds since the epoch.</summary>
    public static long ToMicroseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The instant, in UTC.</summary>
    public static DateTimeOffset FromMicroseconds(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
