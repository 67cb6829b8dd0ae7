using System.Globalization;
using System.Text;

namespace Streams.Schemas.Envelope;

/// <summary>
/// A record that could not be used. Its dead letter has the same key, value and headers, and these headers added.
/// </summary>
/// <param name="Run">The run that refused it.</param>
/// <param name="Topic">Where it came from.</param>
/// <param name="Partition">Where it came from.</param>
/// <param name="Offset">Where it came from.</param>
/// <param name="Timestamp">Its broker timestamp.</param>
/// <param name="ExceptionType">Type of the error.</param>
/// <param name="Reason">What is wrong and how to mend it; cut at 8 KB.</param>
/// <param name="Attempts">How often it was tried.</param>
public sealed record DeadLetter(string Run, string Topic, int Partition, long Offset, DateTimeOffset Timestamp, string ExceptionType, string Reason, int Attempts = 1)
{
    /// <summary>Longest reason that is kept, in characters.</summary>
    public const int MaxReasonLength = 8 * 1024;

    /// <summary>The headers to add to the record's own.</summary>
    public IEnumerable<KeyValuePair<string, byte[]>> ToHeaders()
    {
        yield return Header(Headers.OriginTopic, Topic);
        yield return Header(Headers.OriginPartition, Partition.ToString(CultureInfo.InvariantCulture));
        yield return Header(Headers.OriginOffset, Offset.ToString(CultureInfo.InvariantCulture));
        yield return Header(Headers.OriginTimestamp, Timestamp.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        yield return Header(Headers.DeadLetterRun, Run);
        yield return Header(Headers.Exception, ExceptionType);
        yield return Header(Headers.Reason, Reason.Length <= MaxReasonLength ? Reason : Reason[..MaxReasonLength]);
    }

    /// <summary>Reads a dead letter's headers; null when the origin is not there.</summary>
    public static DeadLetter? FromHeaders(Func<string, byte[]?> headers)
    {
        string Text(string name) => headers(name) is { } bytes ? Encoding.UTF8.GetString(bytes) : "";
        return int.TryParse(Text(Headers.OriginPartition), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            && long.TryParse(Text(Headers.OriginOffset), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            && long.TryParse(Text(Headers.OriginTimestamp), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var timestamp)
            && timestamp >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && timestamp <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new DeadLetter(
                Text(Headers.DeadLetterRun),
                Text(Headers.OriginTopic),
                partition,
                offset,
                DateTimeOffset.FromUnixTimeMilliseconds(timestamp),
                Text(Headers.Exception),
                Text(Headers.Reason))
            : null;
    }

    private static KeyValuePair<string, byte[]> Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
