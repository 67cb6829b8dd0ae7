using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Streams.EndToEnd.Api;

/// <summary>The OpenAPI document against the endpoints that the host maps: nothing is left out, and everything is said.</summary>
public sealed class OpenApiDocumentTests(MappedEndpoints mapped) : IClassFixture<MappedEndpoints>
{
    // Not for programs (the browser's form, the page's files), or in a form of their own (Prometheus' text, this document, what is nowhere else).
    private static readonly HashSet<string> NotDescribed = ["/signin", "/signout", "/metrics", "/openapi/{documentName}.json", "/api/{*path:nonfile}"];

    private readonly WebApplication _app = mapped.App;
    private readonly ApiDescription _document = mapped.Document;

    [Fact]
    public void Document_HasEveryEndpoint()
    {
        var there = ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => !IsOfThePage(endpoint) && !NotDescribed.Contains(Path(endpoint)))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Select(method => $"{method} {Path(endpoint)}") ?? [$"? {Path(endpoint)}"])
            .Where(operation => !operation.StartsWith("HEAD /health", StringComparison.Ordinal) || _document.Operations.Any(known => known.Method == "HEAD"))
            .Order(StringComparer.Ordinal);
        Assert.Equal(there, _document.Operations.Select(operation => operation.ToString()).Order(StringComparer.Ordinal));
        Assert.True(_document.Operations.Count >= 20, $"{_document.Operations.Count} operations");
    }

    [Fact]
    public void Document_SaysOfEveryEndpoint_WhatItDoesTakesAndAnswers()
    {
        Assert.Equal("3.1.1", _document.Root["openapi"]!.GetValue<string>());
        Assert.All(_document.Operations, operation =>
        {
            Assert.True(operation.Node["summary"]?.GetValue<string>() is { Length: > 5 }, $"{operation}: no summary");
            Assert.True(operation.Node["description"]?.GetValue<string>() is { Length: > 10 }, $"{operation}: no description");
            Assert.All(operation.Parameters, parameter => Assert.True(
                parameter["description"]?.GetValue<string>() is { Length: > 10 } && parameter["schema"] is not null, $"{operation}: {parameter["name"]} is not described"));
            var answers = operation.Node["responses"]!.AsObject();
            Assert.Contains(answers, answer => answer.Key[0] == '2');
            Assert.All(answers, answer => Assert.True(answer.Value!["content"]?.AsObject().All(form => form.Value!["schema"] is not null) is true, $"{operation}: {answer.Key} has no schema"));
            if (operation.Path.StartsWith("/api", StringComparison.Ordinal))
            {
                Assert.All(["401", "403", "429", "503"], status => Assert.NotNull(answers[status]?["content"]?["application/problem+json"]));
            }
        });
    }

    [Fact]
    public void Document_SaysOfEveryProperty_WhatItIs()
    {
        var schemas = _document.Root["components"]!["schemas"]!.AsObject();
        // Problem details are RFC 9457's.
        var bare =
            from schema in schemas
            where !schema.Key.EndsWith("ProblemDetails", StringComparison.Ordinal)
            from property in schema.Value!["properties"]?.AsObject() ?? []
            where !IsDescribed(property.Value!)
            select $"{schema.Key}.{property.Key}";
        Assert.True(!bare.Any(), string.Join(", ", bare));
        Assert.Equal("Where its record came from.", schemas["LetterRefused"]!["properties"]!["origin"]!["description"]!.GetValue<string>());
    }

    [Fact]
    public void Document_KnowsFormsAndLimits()
    {
        var history = _document.Operations.Single(operation => operation.Path == "/api/results/{topic}");
        var limit = history.Parameters.Single(parameter => parameter["name"]!.GetValue<string>() == "limit")["schema"]!;
        Assert.Equal(("integer", 1, 1_000, 100),
            (limit["type"]!.GetValue<string>(), limit["minimum"]!.GetValue<int>(), limit["maximum"]!.GetValue<int>(), limit["default"]!.GetValue<int>()));
        Assert.NotNull(history.Node["responses"]!["200"]!["content"]!["application/vnd.apache.arrow.stream"]);
        Assert.NotNull(_document.Operations.Single(operation => operation.ToString() == "POST /api/runs").Node["requestBody"]!["content"]!["application/json"]!["schema"]);
        Assert.NotNull(_document.Root["components"]!["securitySchemes"]!["bearer"]);
    }

    /// <summary>By itself, or by the component that it refers to.</summary>
    private bool IsDescribed(JsonNode property) => property["description"] is not null
        || (property["$ref"] ?? property["oneOf"]?.AsArray().Select(part => part!["$ref"]).FirstOrDefault(reference => reference is not null)) is { } component
        && _document.Root["components"]!["schemas"]![component.GetValue<string>().Split('/')[^1]]!["description"] is not null;

    private static bool IsOfThePage(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText is "/"
        || (System.IO.Path.HasExtension(endpoint.RoutePattern.RawText) && !endpoint.RoutePattern.RawText!.StartsWith("/openapi", StringComparison.Ordinal));

    // As the document writes it: without what a part must look like.
    private static string Path(RouteEndpoint endpoint) => "/" + Regex.Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), @":(int|long)\}", "}");
}
