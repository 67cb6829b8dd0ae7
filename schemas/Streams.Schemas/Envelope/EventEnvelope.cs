using System.Globalization;
using System.Text;
using CloudNative.CloudEvents;

namespace Streams.Schemas.Envelope;

/// <summary>
/// The context attributes of a CloudEvents 1.0 event in Kafka's binary content mode: attributes are headers, the record's value is the data.
/// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
/// </summary>
/// <param name="Id">Unique within the source.</param>
/// <param name="Source">Who made it, a URI reference.</param>
/// <param name="Type">One of <see cref="EventTypes"/>.</param>
/// <param name="Time">Event time.</param>
/// <param name="Subject">What it is about; null when the key says all.</param>
/// <param name="ContentType">Media type of the data.</param>
/// <param name="DataSchema">Schema of the data; null when the type says all.</param>
/// <param name="TraceParent">W3C trace context; null without a trace.</param>
public sealed record EventEnvelope(
    string Id,
    string Source,
    string Type,
    DateTimeOffset Time,
    string? Subject = null,
    string? ContentType = null,
    string? DataSchema = null,
    string? TraceParent = null)
{
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    // Written by any thread: a reference at a time, and whichever is last stays.
    private static readonly string?[] KnownSources = new string?[4096];

    // Throws on byte sequences that are not UTF-8 instead of replacing them.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The headers to write, in a fixed order.</summary>
    public IEnumerable<KeyValuePair<string, byte[]>> ToHeaders()
    {
        yield return Header(Headers.SpecVersion, CloudEventsSpecVersion.V1_0.VersionId);
        yield return Header(Headers.Id, Id);
        yield return Header(Headers.Source, Source);
        yield return Header(Headers.Type, Type);
        yield return Header(Headers.Time, Time.ToUniversalTime().ToString(TimeFormat, CultureInfo.InvariantCulture));
        foreach (var (name, value) in new[]
        {
            (Headers.Subject, Subject),
            (Headers.ContentType, ContentType),
            (Headers.DataSchema, DataSchema),
            (Headers.TraceParent, TraceParent),
        })
        {
            if (value is not null)
            {
                yield return Header(name, value);
            }
        }
    }

    /// <summary>Reads the attributes from a record's headers.</summary>
    /// <param name="headers">The value of a header by its name, or null.</param>
    /// <exception cref="RecordFormatException">An attribute is missing or malformed.</exception>
    public static EventEnvelope FromHeaders(Func<string, byte[]?> headers)
    {
        var version = Required(headers, Headers.SpecVersion);
        if (CloudEventsSpecVersion.FromVersionId(version) != CloudEventsSpecVersion.V1_0)
        {
            throw new RecordFormatException(Headers.SpecVersion, $"'{version}' is not supported; write 1.0");
        }

        var source = Required(headers, Headers.Source);
        if (!IsUriReference(source))
        {
            throw new RecordFormatException(Headers.Source, $"'{Short(source)}' is not a URI reference; write for instance /cameras/gate");
        }

        var timeText = Required(headers, Headers.Time);
        if (!EventTime.TryParse(timeText, out var time))
        {
            throw new RecordFormatException(Headers.Time, $"'{Short(timeText)}' is not an RFC 3339 time; write for instance 2026-01-31T12:00:00Z");
        }

        return new EventEnvelope(
            Required(headers, Headers.Id),
            source,
            Required(headers, Headers.Type),
            time,
            Optional(headers, Headers.Subject),
            Optional(headers, Headers.ContentType),
            Optional(headers, Headers.DataSchema),
            Optional(headers, Headers.TraceParent));
    }

    /// <summary>The text of an optional header.</summary>
    /// <exception cref="RecordFormatException">Not UTF-8.</exception>
    public static string? Optional(Func<string, byte[]?> headers, string name)
    {
        if (headers(name) is not { } bytes)
        {
            return null;
        }

        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new RecordFormatException(name, "is not UTF-8; write the header's value as UTF-8", e);
        }
    }

    /// <summary>A record's key as text.</summary>
    /// <exception cref="RecordFormatException">No key, not UTF-8, or longer than 512 bytes.</exception>
    public static string DecodeKey(byte[]? key)
    {
        if (key is not { Length: > 0 })
        {
            throw new RecordFormatException("key", "is empty; write the camera, sensor network or labelling task as the record's key");
        }

        if (key.Length > 512)
        {
            throw new RecordFormatException("key", $"has {key.Length} bytes; at most 512 are allowed");
        }

        try
        {
            return StrictUtf8.GetString(key);
        }
        catch (DecoderFallbackException e)
        {
            throw new RecordFormatException("key", $"is not UTF-8 ({Convert.ToHexString(key.AsSpan(0, Math.Min(16, key.Length)))}); write it as UTF-8", e);
        }
    }

    /// <summary>Checking costs as much as all else here together, and a topic's sources are few: those found well-formed lately are known.</summary>
    private static bool IsUriReference(string source)
    {
        ref var known = ref KnownSources[(uint)source.GetHashCode() % (uint)KnownSources.Length];
        if (known == source)
        {
            return true;
        }

        if (!Uri.IsWellFormedUriString(source, UriKind.RelativeOrAbsolute))
        {
            return false;
        }

        known = source;
        return true;
    }

    private static string Required(Func<string, byte[]?> headers, string name) =>
        Optional(headers, name) is { Length: > 0 } value
            ? value
            : throw new RecordFormatException(name, "is missing; CloudEvents binary mode needs it as a record header");

    private static KeyValuePair<string, byte[]> Header(string name, string value) => new(name, StrictUtf8.GetBytes(value));

    private static string Short(string value) => value.Length <= 64 ? value : value[..64] + "…";
}
