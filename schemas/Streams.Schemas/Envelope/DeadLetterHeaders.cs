using System.Globalization;
using System.Text;

namespace Streams.Schemas.Envelope;

/// <summary>The text forms that headers of dead letters and of their markers have in common.</summary>
internal static class DeadLetterHeaders
{
    public static KeyValuePair<string, byte[]> Text(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));

    public static KeyValuePair<string, byte[]> Number(string name, long value) => Text(name, value.ToString(CultureInfo.InvariantCulture));

    public static KeyValuePair<string, byte[]> Time(string name, DateTimeOffset value) => Number(name, value.ToUnixTimeMilliseconds());

    /// <summary>What the header says; empty when it is not there.</summary>
    public static string Read(Func<string, byte[]?> headers, string name) => headers(name) is { } bytes ? Encoding.UTF8.GetString(bytes) : "";

    /// <summary>An instant in milliseconds since 1970; null when it is not there or cannot be an instant.</summary>
    public static DateTimeOffset? ReadTime(Func<string, byte[]?> headers, string name) =>
        long.TryParse(Read(headers, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
        && milliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;

    /// <summary>The record that the headers speak of; null when they do not say.</summary>
    public static RecordOrigin? ReadOrigin(Func<string, byte[]?> headers) =>
        int.TryParse(Read(headers, Headers.OriginPartition), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
        && long.TryParse(Read(headers, Headers.OriginOffset), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? new RecordOrigin(Read(headers, Headers.OriginTopic), partition, offset)
            : null;

    /// <summary>UTF-8 of at most <paramref name="most"/> bytes, cut between two characters.</summary>
    public static byte[] Cut(string text, int most)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length <= most)
        {
            return bytes;
        }

        var end = most;
        // A byte 10xxxxxx continues a character: the cut goes before the character's first byte.
        while (end > 0 && (bytes[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return bytes[..end];
    }
}
