using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Streams.Processors.Captioning.Evaluation.Quality;

/// <summary>Reads references and predictions from the lines of files: one JSON object a line.</summary>
public static class EvaluationFiles
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>References: <c>{"id", "task": "caption|choice|box|text", "references": [...], "images": [...], "video", "prompt"}</c>.</summary>
    /// <exception cref="EvaluationFileException">A line cannot be read, has no reference, or an id comes twice.</exception>
    public static async Task<IReadOnlyList<EvaluationReference>> ReadReferencesAsync(string path, IAsyncEnumerable<string> lines, CancellationToken ct)
    {
        var references = new Dictionary<string, EvaluationReference>();
        await foreach (var (line, reference) in ReadAsync<EvaluationReference>(path, lines, ct))
        {
            if (reference.References.Count == 0)
            {
                throw new EvaluationFileException(path, line, "references is empty; give at least one right answer");
            }

            if (!references.TryAdd(reference.Id, reference))
            {
                throw new EvaluationFileException(path, line, $"id \"{reference.Id}\" has come before; give each line its own");
            }
        }

        return [.. references.Values];
    }

    /// <summary>Predictions by id: <c>{"id", "text"}</c>.</summary>
    /// <exception cref="EvaluationFileException">A line cannot be read, or an id comes twice.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> ReadPredictionsAsync(string path, IAsyncEnumerable<string> lines, CancellationToken ct)
    {
        var predictions = new Dictionary<string, string>();
        await foreach (var (line, prediction) in ReadAsync<EvaluationPrediction>(path, lines, ct))
        {
            if (!predictions.TryAdd(prediction.Id, prediction.Text))
            {
                throw new EvaluationFileException(path, line, $"id \"{prediction.Id}\" has come before; give one prediction each");
            }
        }

        return predictions;
    }

    /// <summary>A line of a prediction file.</summary>
    public static string ToLine(EvaluationPrediction prediction) => JsonSerializer.Serialize(prediction, Json);

    private static async IAsyncEnumerable<(int Line, T Value)> ReadAsync<T>(
        string path, IAsyncEnumerable<string> lines, [EnumeratorCancellation] CancellationToken ct)
        where T : class
    {
        var line = 0;
        await foreach (var text in lines.WithCancellation(ct))
        {
            line++;
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            T? value;
            try
            {
                value = JsonSerializer.Deserialize<T>(text, Json);
            }
            catch (JsonException e)
            {
                throw new EvaluationFileException(path, line, e.Message, e);
            }

            yield return (line, value ?? throw new EvaluationFileException(path, line, "is null; give an object"));
        }
    }
}
