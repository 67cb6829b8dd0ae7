using System.Globalization;

namespace Streams.Dashboard.Live;

/// <summary>
/// Where a reader is in a run's live log: <c>SEQUENCE@ID</c>. The id tells the log that the number belongs to:
/// after Redis was emptied the numbers begin anew, and a bare number would point at another result.
/// A reader of <c>live</c> has seen what is served in some version: <c>SEQUENCE@ID@VERSION</c>, unless nothing was ever promoted.
/// </summary>
internal sealed record LiveCursor(long Sequence, string Id, long Serving = 0)
{
    public static LiveCursor Start { get; } = new(0, "");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Sequence}@{Id}{(Serving == 0 ? "" : $"@{Serving}")}");

    public static bool TryParse(string text, out LiveCursor cursor)
    {
        cursor = Start;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var (serving, end) = (0L, at < 1 ? -1 : text.IndexOf('@', at + 1));
        if (end > 0)
        {
            if (!long.TryParse(text.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out serving))
            {
                return false;
            }

            text = text[..end];
        }

        if (at < 1 || !long.TryParse(text.AsSpan(0, at), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            || (sequence == 0) != (at == text.Length - 1))
        {
            return false;
        }

        cursor = new LiveCursor(sequence, text[(at + 1)..], serving);
        return true;
    }
}
