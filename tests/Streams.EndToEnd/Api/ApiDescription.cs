using System.Text.Json.Nodes;
using Json.Schema;

namespace Streams.EndToEnd.Api;

/// <summary>The OpenAPI document that a host serves.</summary>
internal sealed class ApiDescription
{
    private static readonly HashSet<string> Methods = ["get", "head", "post", "put", "delete", "patch"];

    private readonly JsonNode _root;

    private ApiDescription(JsonNode root) => _root = root;

    public IReadOnlyList<Operation> Operations => [.. _root["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()
        .Where(item => Methods.Contains(item.Key))
        .Select(item => new Operation(item.Key.ToUpperInvariant(), path.Key, item.Value!)))];

    public JsonNode Root => _root;

    public static async Task<ApiDescription> LoadAsync(HttpClient http, CancellationToken cancellation) =>
        new(JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json", cancellation))!);

    /// <summary>What is wrong with a JSON answer by the schema of its status and content type; null when nothing is.</summary>
    public string? Mismatch(Operation operation, int status, string contentType, string body)
    {
        if (operation.Node["responses"]?[$"{status}"]?["content"]?[contentType]?["schema"] is not { } described)
        {
            return $"{operation}: {status} {contentType} is not described";
        }

        // The components become definitions of a schema that stands by itself.
        var schema = JsonNode.Parse(described.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal))!.AsObject();
        schema["$defs"] = JsonNode.Parse(_root["components"]!["schemas"]!.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal));
        var result = JsonSchema.FromText(schema.ToJsonString()).Evaluate(
            System.Text.Json.JsonElement.Parse(body), new EvaluationOptions { OutputFormat = OutputFormat.List });
        return result.IsValid ? null : $"{operation}: {string.Join("; ", (result.Details ?? []).Where(detail => detail.Errors is not null)
            .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation} {error.Value}")).Take(5))}\n{body[..Math.Min(body.Length, 500)]}";
    }

    /// <summary>One operation.</summary>
    internal sealed record Operation(string Method, string Path, JsonNode Node)
    {
        public override string ToString() => $"{Method} {Path}";

        public IEnumerable<JsonNode> Parameters => Node["parameters"]?.AsArray().Select(parameter => parameter!) ?? [];

        /// <summary>Its path with each parameter in it replaced.</summary>
        public string At(Func<string, string> value) => Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "path")
            .Aggregate(Path, (path, parameter) => path.Replace($"{{{parameter["name"]}}}", value(parameter["name"]!.GetValue<string>()), StringComparison.Ordinal));
    }
}
