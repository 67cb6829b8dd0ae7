using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Results;

/// <summary>
/// Where a page of history ended: event time and id of its last result, written <c>TIME@ID</c> with the time in microseconds since 1970. It is a place
/// in the order of histories and not a count, so results that come meanwhile move no page, and it holds also when its own result is no longer kept.
/// </summary>
/// <param name="Time">Event time, in microseconds since 1970.</param>
/// <param name="Id">See <see cref="ResultId"/>.</param>
internal sealed record HistoryCursor(long Time, string Id)
{
    /// <summary>The place right after <paramref name="result"/>.</summary>
    public static HistoryCursor After(ResultRecord result) => new(EventTime.ToMicroseconds(result.Time), result.Id);

    public static bool TryParse(string? text, [NotNullWhen(true)] out HistoryCursor? cursor)
    {
        var at = text?.IndexOf('@', StringComparison.Ordinal) ?? -1;
        cursor = at > 0
            && long.TryParse(text.AsSpan(0, at), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time)
            && ResultId.TryParse(text![(at + 1)..], out _)
            ? new HistoryCursor(time, text[(at + 1)..])
            : null;
        return cursor is not null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Time}@{Id}");
}
