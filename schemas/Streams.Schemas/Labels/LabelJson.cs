using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Streams.Schemas.Labels;

/// <summary>Reads the fields of one JSON object by name; every failure names the field, the value and what would be right.</summary>
internal sealed class LabelJson : IDisposable
{
    private const int ShownCharacters = 64;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private readonly JsonDocument _document;

    private LabelJson(JsonDocument document) => _document = document;

    public static LabelJson Parse(ReadOnlyMemory<byte> data)
    {
        if (data.Length is 0 or > LabelCodec.MaxDataBytes)
        {
            throw new RecordFormatException("data", $"has {data.Length} bytes; give a JSON object of 1 to {LabelCodec.MaxDataBytes} bytes");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(data, Strict);
        }
        // A property name that is not UTF-8 surfaces as InvalidOperationException while duplicates are looked for.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new RecordFormatException("data", $"is not JSON ({e.Message}); give one JSON object in UTF-8", e);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return new LabelJson(document);
        }

        using (document)
        {
            throw new RecordFormatException("data", $"is the JSON {Shown(document.RootElement)}; give an object");
        }
    }

    public static RecordFormatException Missing(string name, string remedy) => new($"data.{name}", $"is missing; {remedy}");

    public static string Shorten(string value) => value.Length <= ShownCharacters ? value : $"{value.AsSpan(0, ShownCharacters)}...";

    public void Dispose() => _document.Dispose();

    public string Text(string name) => OptionalText(name) ?? throw Missing(name, "give a text that is not empty");

    public string? OptionalText(string name)
    {
        if (Field(name) is not { } element)
        {
            return null;
        }

        return element.ValueKind == JsonValueKind.String
            ? Checked($"data.{name}", element.GetString)
            : throw new RecordFormatException($"data.{name}", $"is {Shown(element)}; give a text in quotes");
    }

    /// <summary>Weights by label: an object of numbers from 0 to 1, together at most 1 up to rounding. In the order of the text.</summary>
    public IReadOnlyDictionary<string, double>? OptionalWeights(string name, int most)
    {
        if (Field(name) is not { } element)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new RecordFormatException($"data.{name}", $"is {Shown(element)}; give an object of labels and numbers, such as {{\"cat\":0.7,\"dog\":0.3}}");
        }

        var count = element.GetPropertyCount();
        if (count == 0 || count > most)
        {
            throw new RecordFormatException($"data.{name}", $"has {count} labels; give 1 to {most}, and leave out those that weigh nothing");
        }

        var weights = new OrderedDictionary<string, double>(count, StringComparer.Ordinal);
        var sum = 0.0;
        foreach (var entry in element.EnumerateObject())
        {
            var label = Checked($"data.{name}", () => entry.Name);
            var weight = entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetDouble(out var value) && value is >= 0 and <= 1
                ? value
                : throw new RecordFormatException($"data.{name}", $"gives '{Shorten(label)}' the weight {Shown(entry.Value)}; give a number from 0 to 1");
            weights.Add(label, weight);
            sum += weight;
        }

        return sum <= 1 + LabelCodec.WeightRounding
            ? weights
            : throw new RecordFormatException(
                $"data.{name}", string.Create(CultureInfo.InvariantCulture, $"adds up to {sum}; give weights that add up to 1 at most"));
    }

    public double Double(string name)
    {
        var element = Field(name) ?? throw Missing(name, "give a number");
        return element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value)
            ? value
            : throw new RecordFormatException($"data.{name}", $"is {Shown(element)}; give a number");
    }

    public double? OptionalDouble(string name) => Field(name) is null ? null : Double(name);

    /// <summary>A time, cut to the microseconds in which event times travel.</summary>
    public DateTimeOffset? OptionalTime(string name)
    {
        if (OptionalText(name) is not { } text)
        {
            return null;
        }

        return EventTime.TryParse(text, out var time)
            ? EventTime.FromMicroseconds(EventTime.ToMicroseconds(time))
            : throw new RecordFormatException($"data.{name}", $"is '{Shorten(text)}', which is not an RFC 3339 time; write for instance 2026-01-31T12:00:00Z, or leave it out");
    }

    public bool Boolean(string name)
    {
        var element = Field(name) ?? throw Missing(name, "give true or false");
        return element.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? element.GetBoolean()
            : throw new RecordFormatException($"data.{name}", $"is {Shown(element)}; give true or false");
    }

    /// <summary>A number strictly between 0 and <paramref name="below"/>.</summary>
    public double? OptionalShare(string name, double below)
    {
        if (Field(name) is not { } element)
        {
            return null;
        }

        return element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value) && value > 0 && value < below
            ? value
            : throw new RecordFormatException($"data.{name}", string.Create(CultureInfo.InvariantCulture, $"is {Shown(element)}; give a number above 0 and below {below}, or leave it out"));
    }

    public long? Integer(string name, long least, long most)
    {
        if (Field(name) is not { } element)
        {
            return null;
        }

        return element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var value) && value >= least && value <= most
            ? value
            : throw new RecordFormatException($"data.{name}", $"is {Shown(element)}; give a whole number from {least} to {most}");
    }

    private static string Checked(string field, Func<string?> read)
    {
        string text;
        try
        {
            text = read()!;
        }
        catch (InvalidOperationException e)
        {
            throw new RecordFormatException(field, "is not valid Unicode; give UTF-8 without lone surrogates", e);
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            throw new RecordFormatException(field, $"is '{Shorten(text)}'; give a text that is not empty");
        }

        return Encoding.UTF8.GetByteCount(text) is var bytes && bytes <= LabelCodec.MaxTextBytes
            ? text
            : throw new RecordFormatException(field, $"is '{Shorten(text)}' with {bytes} bytes; give at most {LabelCodec.MaxTextBytes}");
    }

    private JsonElement? Field(string name) =>
        _document.RootElement.TryGetProperty(name, out var element) && element.ValueKind != JsonValueKind.Null ? element : null;

    /// <summary>The raw text, never unescaped: it may hold what cannot be.</summary>
    private static string Shown(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.Object => "an object",
                JsonValueKind.Array => "an array",
                _ => Shorten(element.GetRawText()),
            };
        }
        catch (InvalidOperationException)
        {
            // Even the raw text is decoded, and bytes within quotes need not be UTF-8.
            return "a text that is not UTF-8";
        }
    }
}
