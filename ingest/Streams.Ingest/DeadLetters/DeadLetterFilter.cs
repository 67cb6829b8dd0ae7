using System.Text;

namespace Streams.Ingest.DeadLetters;

/// <summary>Which letters are meant. What is null does not matter.</summary>
public sealed record DeadLetterFilter
{
    /// <summary>The record's key, as UTF-8.</summary>
    public string? Key { get; init; }

    /// <summary>Type of the error.</summary>
    public string? Exception { get; init; }

    /// <summary>Part of the reason, in any case.</summary>
    public string? Reason { get; init; }

    /// <summary>Earliest timestamp of the record.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>End of the timestamps, exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Partition that the record came from.</summary>
    public int? Partition { get; init; }

    /// <summary>Offset that the record came from.</summary>
    public long? Offset { get; init; }

    /// <summary>What became of the letter.</summary>
    public DeadLetterStatus? Status { get; init; }

    /// <summary>Whether <paramref name="entry"/> is meant.</summary>
    public bool Matches(DeadLetterEntry entry) => MatchesRecord(entry) && (Status is null || Status == entry.Status);

    /// <summary>The same without the status, which is known only when the whole topic has been read.</summary>
    internal bool MatchesRecord(DeadLetterEntry entry)
    {
        var letter = entry.Letter;
        return (Partition is null || Partition == letter.Partition)
            && (Offset is null || Offset == letter.Offset)
            && (From is null || letter.Timestamp >= From)
            && (To is null || letter.Timestamp < To)
            && (Exception is null || string.Equals(Exception, letter.ExceptionType, StringComparison.OrdinalIgnoreCase))
            && (Reason is null || letter.Reason.Contains(Reason, StringComparison.OrdinalIgnoreCase))
            && (Key is null || (entry.Key is { } key && key.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(Key))));
    }
}
