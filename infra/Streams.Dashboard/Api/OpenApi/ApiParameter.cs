using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Streams.Dashboard.Api.OpenApi;

/// <summary>An argument of an endpoint, for the OpenAPI document.</summary>
/// <param name="Name">Its name in the path, the query or the headers.</param>
/// <param name="Description">What it means, and what holds without it.</param>
public sealed record ApiParameter(string Name, string Description)
{
    /// <summary>It is a request header.</summary>
    public bool InHeader { get; init; }

    /// <summary>It is a whole number.</summary>
    public bool IsInteger { get; init; }

    /// <summary>A format of JSON Schema, such as <c>date-time</c>.</summary>
    public string? Format { get; init; }

    /// <summary>The only values.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>Least value, or least length of a text.</summary>
    public int? Least { get; init; }

    /// <summary>Largest value, or longest text.</summary>
    public int? Most { get; init; }

    /// <summary>Value when it is left out.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>A value, as a reader would write it.</summary>
    public string? Example { get; init; }

    /// <summary>It may be repeated.</summary>
    public bool Many { get; init; }

    internal OpenApiSchema Schema()
    {
        var one = new OpenApiSchema
        {
            Type = IsInteger ? JsonSchemaType.Integer : JsonSchemaType.String,
            Format = Format ?? (IsInteger ? "int32" : null),
            Enum = Values is null ? null : [.. Values.Select(value => (JsonNode)JsonValue.Create(value))],
            Minimum = IsInteger ? Text(Least) : null,
            Maximum = IsInteger ? Text(Most) : null,
            MinLength = IsInteger ? null : Least,
            MaxLength = IsInteger ? null : Most,
            Default = Default,
        };
        return Many ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = one } : one;
    }

    private static string? Text(int? number) => number?.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
