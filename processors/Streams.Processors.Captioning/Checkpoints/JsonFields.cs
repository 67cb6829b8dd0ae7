using System.Text.Json;

namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>An object of one of the JSON files beside a checkpoint. Absent fields take the defaults of the reference classes.</summary>
internal sealed class JsonFields
{
    private readonly string _file;
    private readonly string _prefix;
    private readonly JsonElement? _object;

    private JsonFields(string file, string prefix, JsonElement? element)
    {
        _file = file;
        _prefix = prefix;
        _object = element;
    }

    /// <summary>The file of that name, or an object without fields where there is none and it may be absent.</summary>
    public static JsonFields Read(string folder, string file, bool optional)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path))
        {
            return optional ? new JsonFields(file, string.Empty, null) : throw new FileNotFoundException($"{path} is missing; give a folder as Hugging Face publishes it", path);
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonFields(file, string.Empty, document.RootElement.Clone())
                : throw new ModelConfigException("(root)", $"is a JSON {document.RootElement.ValueKind}; give an object", null, file);
        }
        catch (JsonException e)
        {
            throw new ModelConfigException("(root)", $"in {path}: {e.Message}", e, file);
        }
    }

    /// <summary>An inner object; one without fields where it is absent.</summary>
    public JsonFields Object(string name) => new(_file, $"{_prefix}{name}.", Find(name, JsonValueKind.Object));

    public int Int(string name, int fallback, int least = 1)
    {
        if (Find(name, JsonValueKind.Number) is not { } value)
        {
            return fallback;
        }

        return value.TryGetInt32(out var number) && number >= least ? number : throw Bad(name, $"is {value}; give a whole number from {least}");
    }

    /// <summary>A whole number or a list of them.</summary>
    public IReadOnlyList<int> Ints(string name, IReadOnlyList<int> fallback)
    {
        if (Find(name) is not { } value)
        {
            return fallback;
        }

        var values = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [value];
        return [.. values.Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var number) ? number : throw Bad(name, $"is {value}; give a whole number or a list of them"))];
    }

    public double Number(string name, double fallback) => Find(name, JsonValueKind.Number)?.GetDouble() ?? fallback;

    public IReadOnlyList<float> Numbers(string name, IReadOnlyList<float> fallback, int count)
    {
        if (Find(name, JsonValueKind.Array) is not { } value)
        {
            return fallback;
        }

        var numbers = value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Number).Select(item => item.GetSingle()).ToList();
        return numbers.Count == count ? numbers : throw Bad(name, $"is {value}; give {count} numbers");
    }

    public string Text(string name, string fallback) => Find(name, JsonValueKind.String)?.GetString() ?? fallback;

    public bool Flag(string name, bool fallback) => Find(name) is not { } value
        ? fallback
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Bad(name, $"is {value}; give true or false");

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>What is wrong with a field of this object.</summary>
    public ModelConfigException Bad(string name, string problem) => new(_prefix + name, problem, null, _file);

    private JsonElement? Find(string name, JsonValueKind kind) => Find(name) is not { } value
        ? null
        : value.ValueKind == kind ? value : throw Bad(name, $"is {value} ({value.ValueKind}); give a JSON {kind}");

    private JsonElement? Find(string name) =>
        _object is { } fields && fields.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
