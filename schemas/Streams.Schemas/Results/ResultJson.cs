using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Streams.Schemas.Results;

/// <summary>The one JSON dialect of records and results: camelCase, no nulls, enums as upper-case words, times as ISO 8601 in UTC.</summary>
public static class ResultJson
{
    /// <summary>Shared options; read-only.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>UTF-8 JSON of <paramref name="value"/>.</summary>
    public static byte[] Serialize<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <summary>The value in <paramref name="json"/>.</summary>
    /// <exception cref="RecordFormatException">Not JSON, or not of this form.</exception>
    public static T Deserialize<T>(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options)
                ?? throw new RecordFormatException("data", "is the JSON null; give an object");
        }
        catch (JsonException e)
        {
            throw new RecordFormatException(e.Path is { Length: > 1 } path ? $"data{path[1..]}" : "data", $"not valid JSON for {typeof(T).Name}: {e.Message}", e);
        }
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.Strict,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        };
        options.Converters.Add(new MicrosecondTimeConverter());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseUpper));
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RequireOnlyWhatCannotBeNull } };
        options.MakeReadOnly();
        return options;
    }

    /// <summary>A null is written by leaving the field out, so a field that may be null must be allowed to be missing.</summary>
    private static void RequireOnlyWhatCannotBeNull(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.IsSetNullable || property.AssociatedParameter is { IsNullable: true })
            {
                property.IsRequired = false;
            }
        }
    }
}
