using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Streams.Schemas.Results;

/// <summary>Times as <c>2020-01-31T12:00:00.000000Z</c>: one text for one instant, so that equal results are equal bytes.</summary>
internal sealed class MicrosecondTimeConverter : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TryGetDateTimeOffset(out var time)
            ? time.ToUniversalTime()
            : throw new JsonException($"'{reader.GetString()}' is not an ISO 8601 time");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString(Format, CultureInfo.InvariantCulture));
}
