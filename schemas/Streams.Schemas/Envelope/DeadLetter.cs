using System.Globalization;

namespace Streams.Schemas.Envelope;

/// <summary>
/// A record that could not be used. Its dead letter has the same key, value and headers, and these headers added. A crash can repeat a
/// letter: those with the same run, origin and timestamp are one.
/// </summary>
/// <param name="Run">The run that refused it.</param>
/// <param name="Topic">Where it came from.</param>
/// <param name="Partition">Where it came from.</param>
/// <param name="Offset">Where it came from.</param>
/// <param name="Timestamp">Its broker timestamp.</param>
/// <param name="ExceptionType">Type of the error.</param>
/// <param name="Reason">What is wrong and how to mend it; cut at 8 KB.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Time">When it was given up; null in letters of versions that did not say.</param>
/// <param name="FirstOrigin">Where the record lay when it was refused for the first time, if it has been sent again since; else null.</param>
public sealed record DeadLetter(
    string Run,
    string Topic,
    int Partition,
    long Offset,
    DateTimeOffset Timestamp,
    string ExceptionType,
    string Reason,
    int Attempts = 1,
    DateTimeOffset? Time = null,
    RecordOrigin? FirstOrigin = null)
{
    /// <summary>Longest reason that is kept, in bytes of UTF-8.</summary>
    public const int MaxReasonBytes = 8 * 1024;

    /// <summary>Where it came from.</summary>
    public RecordOrigin Origin => new(Topic, Partition, Offset);

    /// <summary>The headers to add to the record's own.</summary>
    public IEnumerable<KeyValuePair<string, byte[]>> ToHeaders()
    {
        yield return DeadLetterHeaders.Text(Headers.OriginTopic, Topic);
        yield return DeadLetterHeaders.Number(Headers.OriginPartition, Partition);
        yield return DeadLetterHeaders.Number(Headers.OriginOffset, Offset);
        yield return DeadLetterHeaders.Time(Headers.OriginTimestamp, Timestamp);
        yield return DeadLetterHeaders.Text(Headers.DeadLetterRun, Run);
        yield return DeadLetterHeaders.Number(Headers.Attempts, Attempts);
        yield return DeadLetterHeaders.Text(Headers.Exception, ExceptionType);
        yield return new(Headers.Reason, DeadLetterHeaders.Cut(Reason, MaxReasonBytes));
        if (Time is { } time)
        {
            yield return DeadLetterHeaders.Time(Headers.DeadLetterTime, time);
        }

        if (FirstOrigin is { } first)
        {
            yield return DeadLetterHeaders.Text(Headers.FirstOrigin, first.ToString());
        }
    }

    /// <summary>Reads a dead letter's headers; null when the origin is not there, or when the record is a <see cref="DeadLetterMarker"/>.</summary>
    public static DeadLetter? FromHeaders(Func<string, byte[]?> headers) =>
        headers(Headers.DeadLetterStatus) is null
        && DeadLetterHeaders.ReadOrigin(headers) is { } origin
        && DeadLetterHeaders.ReadTime(headers, Headers.OriginTimestamp) is { } timestamp
            ? new DeadLetter(
                DeadLetterHeaders.Read(headers, Headers.DeadLetterRun),
                origin.Topic,
                origin.Partition,
                origin.Offset,
                timestamp,
                DeadLetterHeaders.Read(headers, Headers.Exception),
                DeadLetterHeaders.Read(headers, Headers.Reason),
                int.TryParse(DeadLetterHeaders.Read(headers, Headers.Attempts), NumberStyles.None, CultureInfo.InvariantCulture, out var attempts) ? attempts : 1,
                DeadLetterHeaders.ReadTime(headers, Headers.DeadLetterTime),
                RecordOrigin.Parse(DeadLetterHeaders.Read(headers, Headers.FirstOrigin)))
            : null;
}
