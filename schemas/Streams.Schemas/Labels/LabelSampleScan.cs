using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Streams.Schemas.Labels;

/// <summary>
/// Recognises samples that are valid beyond doubt, in one pass and without allocating. What is unusual, such as an escape, a nested value or weights, is
/// left to <see cref="LabelCodec.DecodeSample"/>, which also knows what to say of errors. Hot path: every record of <see cref="Topics.LabelSamples"/>.
/// </summary>
internal static class LabelSampleScan
{
    private const int MaxUnknownFields = 16;

    /// <summary>True: <see cref="LabelCodec.DecodeSample"/> would accept <paramref name="data"/> under <paramref name="key"/>. False says nothing.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> data, string key)
    {
        if (data.Length is 0 or > LabelCodec.MaxDataBytes)
        {
            return false;
        }

        try
        {
            return Scan(data, key);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Scan(ReadOnlySpan<byte> data, string key)
    {
        var reader = new Utf8JsonReader(data);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var seen = Fields.None;
        Span<(int Start, int Length)> unknown = stackalloc (int, int)[MaxUnknownFields];
        var unknowns = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var start = (int)reader.TokenStartIndex + 1;
            if (reader.ValueIsEscaped || !Ascii.IsValid(name) || FieldOf(name) is var field && (seen & field) != 0 || !reader.Read())
            {
                return false;
            }

            if (field == Fields.None)
            {
                // JSON with a name twice is refused, whatever the name is.
                foreach (var (otherStart, otherLength) in unknown[..unknowns])
                {
                    if (data.Slice(otherStart, otherLength).SequenceEqual(name))
                    {
                        return false;
                    }
                }

                if (unknowns == MaxUnknownFields || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    return false;
                }

                unknown[unknowns++] = (start, name.Length);
            }
            else if (!IsValid(ref reader, field, key))
            {
                return false;
            }

            seen |= field;
        }

        return reader.TokenType == JsonTokenType.EndObject && !reader.Read() && (seen & Fields.Needed) == Fields.Needed;
    }

    private static Fields FieldOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("task"u8) ? Fields.Task
        : name.SequenceEqual("sample"u8) ? Fields.Sample
        : name.SequenceEqual("label"u8) ? Fields.Label
        : name.SequenceEqual("oracle"u8) ? Fields.Oracle
        : name.SequenceEqual("query"u8) ? Fields.Query
        : name.SequenceEqual("weights"u8) ? Fields.Weights
        : Fields.None;

    private static bool IsValid(ref Utf8JsonReader reader, Fields field, string key) => field switch
    {
        Fields.Task => IsText(ref reader) && Ascii.Equals(reader.ValueSpan, key),
        Fields.Sample or Fields.Label or Fields.Oracle => IsText(ref reader),
        Fields.Query => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var query) && query >= 0,
        _ => false,
    };

    private static bool IsText(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String
        && !reader.ValueIsEscaped
        && reader.ValueSpan.Length <= LabelCodec.MaxTextBytes
        // A letter, digit or sign of ASCII: not only white space.
        && reader.ValueSpan.ContainsAnyInRange((byte)'!', (byte)'~')
        && Utf8.IsValid(reader.ValueSpan);

    [Flags]
    private enum Fields
    {
        None = 0,
        Task = 1,
        Sample = 2,
        Label = 4,
        Oracle = 8,
        Query = 16,
        Weights = 32,
        Needed = Task | Sample | Label,
    }
}
