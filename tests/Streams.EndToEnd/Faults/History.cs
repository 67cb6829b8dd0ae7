using System.Text.Json;

namespace Streams.EndToEnd.Faults;

/// <summary>Everything that was written and read in a scenario, kept as a file of JSON lines for whoever wants to look into it.</summary>
internal sealed class History
{
    /// <summary>What the broker acknowledged, by where.</summary>
    public Dictionary<(int Partition, long Offset), string> Acknowledged { get; init; } = [];

    /// <summary>Values whose transactions were aborted.</summary>
    public List<string> Aborted { get; init; } = [];

    /// <summary>What the source topic holds for a reader of committed records.</summary>
    public List<(int Partition, long Offset, string Value)> Source { get; init; } = [];

    /// <summary>Results of a sequential run of the source topic, by id.</summary>
    public Dictionary<string, string> Expected { get; init; } = [];

    /// <summary>Results in the order in which they were read, repetitions included.</summary>
    public List<ResultRead> Read { get; init; } = [];

    /// <summary>What REST shows at the end: id and value. Null when nobody asked.</summary>
    public List<(string Id, string Value)>? Served { get; set; }

    public void Save(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var writer = new StreamWriter(file);
        void Write(Line line) => writer.WriteLine(JsonSerializer.Serialize(line, Json));

        foreach (var ((partition, offset), value) in Acknowledged)
        {
            Write(new Line(Kind.Acknowledged, partition, offset, null, value));
        }

        Aborted.ForEach(value => Write(new Line(Kind.Aborted, null, null, null, value)));
        Source.ForEach(record => Write(new Line(Kind.Source, record.Partition, record.Offset, null, record.Value)));
        foreach (var (id, value) in Expected)
        {
            Write(new Line(Kind.Expected, null, null, id, value));
        }

        Read.ForEach(result => Write(new Line(Kind.Read, result.Partition, result.Offset, result.Id, result.Value)));
        Served?.ForEach(result => Write(new Line(Kind.Served, null, null, result.Id, result.Value)));
    }

    public static History Load(string file)
    {
        var history = new History();
        foreach (var text in File.ReadLines(file))
        {
            var line = JsonSerializer.Deserialize<Line>(text, Json)!;
            switch (line.Kind)
            {
                case Kind.Acknowledged:
                    history.Acknowledged.Add((line.Partition!.Value, line.Offset!.Value), line.Value);
                    break;
                case Kind.Aborted:
                    history.Aborted.Add(line.Value);
                    break;
                case Kind.Source:
                    history.Source.Add((line.Partition!.Value, line.Offset!.Value, line.Value));
                    break;
                case Kind.Expected:
                    history.Expected.Add(line.Id!, line.Value);
                    break;
                case Kind.Read:
                    history.Read.Add(new ResultRead(line.Partition!.Value, line.Offset!.Value, line.Id!, line.Value));
                    break;
                default:
                    (history.Served ??= []).Add((line.Id!, line.Value));
                    break;
            }
        }

        return history;
    }

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private enum Kind
    {
        Acknowledged,
        Aborted,
        Source,
        Expected,
        Read,
        Served,
    }

    private sealed record Line(Kind Kind, int? Partition, long? Offset, string? Id, string Value);
}
