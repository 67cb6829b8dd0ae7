using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Streams.Dashboard;
using Streams.Dashboard.Status;
using Streams.EndToEnd.Support;
using Streams.Host.DeadLetters;
using Streams.Host.Pipeline;
using Streams.Host.Readings;
using Streams.Host.Runs;
using Streams.Host.Tasks;
using Streams.Host.Telemetry;
using Streams.Ingest.Publishing;

namespace Streams.EndToEnd.Api;

/// <summary>The OpenAPI document against the endpoints that the host maps: nothing is left out, and everything is said.</summary>
public sealed class OpenApiDocumentTests : IAsyncLifetime
{
    // Not for programs (the browser's form, the page's files), or in a form of their own (Prometheus' text, this document, what is nowhere else).
    private static readonly HashSet<string> NotDescribed = ["/signin", "/signout", "/metrics", "/openapi/{documentName}.json", "/api/{*path:nonfile}"];

    private WebApplication _app = null!;
    private HttpClient _http = null!;
    private ApiDescription _document = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.AddTelemetry(new TelemetryOptions());
        // Nobody is there, and nothing here asks: services are only told from arguments.
        builder.Services.AddSingleton<IConnectionMultiplexer>(
            _ => ConnectionMultiplexer.Connect($"127.0.0.1:{HostProcess.FreePorts(1)[0]},abortConnect=false,connectTimeout=100,connectRetry=0"));
        builder.Services.AddSingleton<IPipelineStatus, HostStatus>()
            .AddSingleton<RunManager>().AddSingleton<RunRegistry>().AddSingleton<RunVerifier>().AddSingleton<RunPromotion>().AddSingleton<RunDeletion>();
        builder.Services.AddSingleton<LetterDesk>().AddSingleton<NetworkReadings>().AddSingleton<TaskTraces>().AddSingleton<RecordPublisher>();
        builder.Services.AddStreamsDashboard();
        builder.Services.AddHealthChecks();
        _app = builder.Build();
        _app.MapHost();
        await _app.StartAsync(Cancellation);
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
        _document = await ApiDescription.LoadAsync(_http, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public void Document_HasEveryEndpoint()
    {
        var mapped = ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => !IsOfThePage(endpoint) && !NotDescribed.Contains(Path(endpoint)))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Select(method => $"{method} {Path(endpoint)}") ?? [$"? {Path(endpoint)}"])
            .Where(operation => !operation.StartsWith("HEAD /health", StringComparison.Ordinal) || _document.Operations.Any(known => known.Method == "HEAD"))
            .Order(StringComparer.Ordinal);
        Assert.Equal(mapped, _document.Operations.Select(operation => operation.ToString()).Order(StringComparer.Ordinal));
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

    private static bool IsOfThePage(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText is "/" || System.IO.Path.HasExtension(endpoint.RoutePattern.RawText) && !endpoint.RoutePattern.RawText!.StartsWith("/openapi", StringComparison.Ordinal);

    // As the document writes it: without what a part must look like.
    private static string Path(RouteEndpoint endpoint) => "/" + Regex.Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), @":(int|long)\}", "}");
}
