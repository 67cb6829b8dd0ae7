using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Streams.EndToEnd.Telemetry;

/// <summary>What an OpenTelemetry collector is to a host: takes OTLP by HTTP and reads the spans out of it.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Span> _spans = new();
    private readonly ConcurrentDictionary<string, int> _requests = new();

    private OtlpCollector(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public IReadOnlyCollection<Span> Spans => _spans;

    /// <summary>How often each path was posted to.</summary>
    public IReadOnlyDictionary<string, int> Requests => _requests;

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var collector = new OtlpCollector(app);
        app.MapPost("/v1/{signal}", collector.TakeAsync);
        await app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> TakeAsync(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        if (signal == "traces")
        {
            // ExportTraceServiceRequest.resource_spans = 1, ResourceSpans.scope_spans = 2, ScopeSpans.spans = 2.
            foreach (var span in Protobuf.Fields(body.ToArray(), 1).SelectMany(resource => Protobuf.Fields(resource, 2)).SelectMany(scope => Protobuf.Fields(scope, 2)))
            {
                _spans.Enqueue(Span.Read(span));
            }
        }

        _requests.AddOrUpdate(signal, 1, (_, count) => count + 1);
        return TypedResults.Bytes([], "application/x-protobuf");
    }

    /// <summary>A span as it came.</summary>
    internal sealed record Span(string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<string> LinkedTraces)
    {
        public static Span Read(ReadOnlyMemory<byte> span) => new(
            Hex(Protobuf.Fields(span, 1).Single()),
            Hex(Protobuf.Fields(span, 2).Single()),
            Hex(Protobuf.Fields(span, 4).SingleOrDefault()),
            Text(Protobuf.Fields(span, 5).Single()),
            // KeyValue: key = 1, value = 2; AnyValue: string_value = 1. Numbers are of no interest here.
            Protobuf.Fields(span, 9).ToDictionary(
                pair => Text(Protobuf.Fields(pair, 1).Single()), pair => Text(Protobuf.Fields(Protobuf.Fields(pair, 2).Single(), 1).FirstOrDefault())),
            [.. Protobuf.Fields(span, 13).Select(link => Hex(Protobuf.Fields(link, 1).Single()))]);

        private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);

        private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);
    }
}
