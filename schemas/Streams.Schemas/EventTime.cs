using System.Globalization;
using System.Text.RegularExpressions;

namespace Streams.Schemas;

/// <summary>Event times travel as microseconds since 1970-01-01T00:00:00Z.</summary>
public static partial class EventTime
{
    /// <summary>The first microsecond of the year 1.</summary>
    public static readonly long MinMicroseconds = ToMicroseconds(DateTimeOffset.MinValue);

    /// <summary>The last microsecond of the year 9999.</summary>
    public static readonly long MaxMicroseconds = ToMicroseconds(DateTimeOffset.MaxValue);

    /// <summary>Microseconds since the epoch.</summary>
    public static long ToMicroseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Reads an RFC 3339 time, in UTC where it names no offset. The parser of .NET alone would fill up half a time from the wall clock, and a replay would get another instant.</summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        return Rfc3339().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    /// <summary>The instant, in UTC.</summary>
    public static DateTimeOffset FromMicroseconds(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,18})?([Zz]|[+-]\d\d:\d\d)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();
}
