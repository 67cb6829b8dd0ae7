using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Streams.Dashboard.Security;
using Streams.EndToEnd.Support;
using Streams.Schemas;

namespace Streams.EndToEnd.Api;

/// <summary>A whole host that asks who you are, seen through its own OpenAPI document.</summary>
public sealed class ApiOfAHostTests
{
    private const int Requests = 10_000;
    private const int Seed = 20_261_126;

    // Read their topic anew for every request, which takes its time: asked less often.
    private static readonly string[] KafkaReaders = ["/api/dead-letters", "/api/networks", "/api/tasks"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string Viewer = ApiKey.Create();
    private static readonly string Operator = ApiKey.Create();

    private static readonly string[] Texts =
    [
        "live", "live:own", "check", "gate", "task-1", Topics.LabelModes, Topics.VideoCaptions, "registry", "rollback", "%00", "..", "*", "a b", "💥", "",
        "' or 1=1", "%ff%fe", "a%0d%0ab", "1769860800000000@live/label.samples/0/3/0", "live/label.samples/0/3/0", "-1@x", "9223372036854775807@r/label.samples/0/1/0",
        "2026-01-31T12:00:00Z", "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00+14:00", "1", "0", "-1", "1000", "2147483648", "1e9", "NaN", new('n', 600),
    ];

    private static readonly string[] Bodies =
    [
        "", "null", "[]", "{", "7", "{\"run\":null}", "{\"run\":\"\",\"topic\":\"\"}", "{\"run\":\"x\",\"topic\":\"label.samples\",\"from\":\"never\"}",
        "{\"run\":\"x\",\"topic\":\"label.samples\",\"from\":\"-7\",\"to\":\"99999999999999999999\"}",
        "{\"run\":\"x\",\"topic\":\"label.samples\",\"settings\":{\"\":\"\"}}", "{\"run\":\"x\",\"topic\":\"label.samples\",\"settings\":{\"a\":null}}",
        "{\"run\":\"x\",\"topic\":\"label.samples\",\"limits\":{\"recordsPerSecond\":-1}}", new('[', 5_000), "\0\ufffd", "key=x&key=y",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_ByItsOwnDocument_HidesEverything_AnswersInForm_AndTakesNonsense()
    {
        await using var host = await StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(host.Url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Viewer);
        var document = await ApiDescription.LoadAsync(http, Cancellation);
        http.DefaultRequestHeaders.Authorization = null;

        await WithoutATokenAsync(http, document);
        await AnswersAsync(http, document);
        await NonsenseAsync(http, document, host);
    }

    /// <summary>No token: nothing but health, which names no topic and no address.</summary>
    private static async Task WithoutATokenAsync(HttpClient http, ApiDescription document)
    {
        foreach (var operation in document.Operations.Append(new("GET", "/", new JsonObject())).Append(new("GET", "/metrics", new JsonObject()))
            .Append(new("GET", "/openapi/v1.json", new JsonObject())).Append(new("GET", "/app.js", new JsonObject())))
        {
            using var response = await http.SendAsync(Request(operation.Method, operation.At(_ => "label.modes"), null), Cancellation);
            var body = await response.Content.ReadAsStringAsync(Cancellation);
            if (operation.Path.StartsWith("/health", StringComparison.Ordinal))
            {
                Assert.Equal((HttpStatusCode.OK, operation.Method == "HEAD" ? "" : "{\"status\":\"HEALTHY\"}"), (response.StatusCode, body));
            }
            else
            {
                Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{operation}: {(int)response.StatusCode}");
                Assert.DoesNotContain("task-1", body, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>What is answered, good or bad, has the form that the document says.</summary>
    private static async Task AnswersAsync(HttpClient http, ApiDescription document)
    {
        (string Method, string Address, string Of, int Status, string? Body)[] calls =
        [
            ("GET", "/api/runs", "/api/runs", 200, null),
            ("GET", "/api/serving", "/api/serving", 200, null),
            ("GET", "/api/status", "/api/status", 200, null),
            ("GET", "/api/status?run=nowhere", "/api/status", 404, null),
            ("GET", "/api/me", "/api/me", 200, null),
            ("GET", "/api/results/label.modes", "/api/results/{topic}", 200, null),
            ("GET", "/api/results/label.modes?key=task-1&limit=1", "/api/results/{topic}", 200, null),
            ("GET", "/api/results/label.modes?limit=0", "/api/results/{topic}", 400, null),
            ("GET", "/api/results/label.modes?key=nobody", "/api/results/{topic}", 404, null),
            ("GET", "/api/results/label.modes/keys", "/api/results/{topic}/keys", 200, null),
            ("GET", "/api/results/label.modes/latest", "/api/results/{topic}/latest", 200, null),
            ("POST", "/api/runs", "/api/runs", 400, "{\"run\":\"Check\",\"topic\":\"label.samples\"}"),
            ("POST", "/api/runs", "/api/runs", 202, "{\"run\":\"check\",\"topic\":\"label.samples\"}"),
            ("GET", "/api/runs/registry", "/api/runs/registry", 200, null),
            ("GET", "/api/runs/check", "/api/runs/{run}", 200, null),
            ("GET", "/api/runs/none", "/api/runs/{run}", 404, null),
            ("POST", "/api/runs/check/verify", "/api/runs/{run}/verify", 200, null),
            ("POST", "/api/runs/check/promote", "/api/runs/{run}/promote", 200, null),
            ("GET", "/api/results/label.modes?key=task-1", "/api/results/{topic}", 200, null),
            ("GET", "/api/serving", "/api/serving", 200, null),
            ("POST", "/api/runs/rollback", "/api/runs/rollback", 200, null),
            ("POST", "/api/runs/check/pause", "/api/runs/{run}/pause", 400, null),
            ("POST", "/api/runs/check/resume", "/api/runs/{run}/resume", 400, null),
            ("DELETE", "/api/runs/check", "/api/runs/{run}", 200, null),
            ("GET", "/api/tasks/task-1", "/api/tasks/{task}", 200, null),
            ("GET", "/api/tasks/none", "/api/tasks/{task}", 404, null),
            ("POST", "/api/tasks/task-3/stop", "/api/tasks/{task}/stop", 409, null),
            ("GET", "/api/networks/none/readings", "/api/networks/{network}/readings", 404, null),
            ("GET", "/api/dead-letters", "/api/dead-letters", 200, null),
            ("GET", "/api/dead-letters?limit=0", "/api/dead-letters", 400, null),
            ("GET", "/api/dead-letters/label.samples/0/999999", "/api/dead-letters/{topic}/{partition}/{offset}", 404, null),
            ("POST", "/api/dead-letters/redrive?topic=label.samples", "/api/dead-letters/redrive", 200, null),
            ("POST", "/api/dead-letters/purge", "/api/dead-letters/purge", 400, null),
            ("GET", "/api/audit?limit=5", "/api/audit", 200, null),
            ("GET", "/health/ready", "/health/ready", 200, null),
            ("GET", "/health/live", "/health/live", 200, null),
        ];
        foreach (var (method, address, path, status, body) in calls)
        {
            var operation = document.Operations.Single(known => known.Method == method && known.Path == path);
            var (got, type, text) = await CallAsync(http, method, address, body);
            if (path.EndsWith("/verify", StringComparison.Ordinal))
            {
                // The run has just been started.
                await Eventually.TrueAsync(async () => ((got, type, text) = await CallAsync(http, method, address, body)).got == 200, Patience, () => text);
            }

            Assert.True(got == status, $"{method} {address}: {got} {text}");
            Assert.Null(document.Mismatch(operation, status, type, text));
        }

        // A page of the history of all keys leads to the next, also by its header.
        using var page = await http.SendAsync(Request("GET", "/api/results/label.modes?limit=2", Viewer), Cancellation);
        var next = page.Headers.GetValues("Link").Single();
        Assert.EndsWith(">; rel=\"next\"", next, StringComparison.Ordinal);
        using var second = await http.SendAsync(Request("GET", next[1..next.IndexOf('>', StringComparison.Ordinal)], Viewer), Cancellation);
        string[] ids = [.. Ids(await page.Content.ReadAsStringAsync(Cancellation)), .. Ids(await second.Content.ReadAsStringAsync(Cancellation))];
        Assert.Equal(4, ids.Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>Ten thousand requests over all endpoints, the seed fixed and said: none may fail the server.</summary>
    private static async Task NonsenseAsync(HttpClient http, ApiDescription document, HostProcess host)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("STREAMS_FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Seed;
        TestContext.Current.TestOutputHelper?.WriteLine($"fuzz seed {seed} (STREAMS_FUZZ_SEED takes another)");
        ApiDescription.Operation[] operations =
        [
            .. document.Operations, new("POST", "/signin", new JsonObject()), new("POST", "/signout", new JsonObject()), new("GET", "/metrics", new JsonObject()),
            new("GET", "/", new JsonObject()), new("GET", "/openapi/v1.json", new JsonObject()),
        ];
        var failed = new ConcurrentQueue<string>();
        var answered = new ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancellation }, async (i, cancellation) =>
            {
                var random = new Random(seed + i);
                var operation = operations[random.Next(operations.Length)];
                while (KafkaReaders.Any(start => operation.Path.StartsWith(start, StringComparison.Ordinal)) && random.Next(20) > 0)
                {
                    operation = operations[random.Next(operations.Length)];
                }

                using var request = Nonsense(operation, random);
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
                answered.AddOrUpdate($"{operation.Path} {(int)response.StatusCode / 100}xx", 1, (_, count) => count + 1);
                if ((int)response.StatusCode >= 500)
                {
                    failed.Enqueue($"request {i}: {request.Method} {request.RequestUri}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellation)}");
                }
            });
        Assert.True(failed.IsEmpty, $"seed {seed}: {failed.Count} failed\n{string.Join('\n', failed.Take(5))}\n{host.Output[^Math.Min(host.Output.Length, 4_000)..]}");
        // Every endpoint was reached, and not all ended at the door.
        Assert.All(operations, operation => Assert.Contains(answered.Keys, key => key.StartsWith(operation.Path + " ", StringComparison.Ordinal)));
        Assert.True(answered.Where(pair => pair.Key.EndsWith("2xx", StringComparison.Ordinal)).Sum(pair => pair.Value) > Requests / 20, "hardly any was answered");
        using var after = await http.SendAsync(Request("GET", "/api/runs", Viewer), Cancellation);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    private static HttpRequestMessage Nonsense(ApiDescription.Operation operation, Random random)
    {
        string Text() => Texts[random.Next(Texts.Length)];
        var path = operation.At(name => name == "topic" && random.Next(2) == 0 ? Topics.LabelModes : Text());
        var query = string.Join('&', operation.Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "query" && random.Next(3) > 0)
            .Select(parameter => $"{parameter["name"]}={Text()}").Concat(random.Next(8) == 0 ? ["run=x", "run=y"] : []));
        var request = Request(
            random.Next(10) == 0 ? ((string[])["PUT", "PATCH", "OPTIONS", "BREW", "HEAD"])[random.Next(5)] : operation.Method,
            $"{path}?{query}",
            random.Next(6) switch { 0 => null, 1 => Viewer, 2 => "streams_guess", _ => Operator });
        request.Headers.TryAddWithoutValidation(
            ((string[])["Last-Event-ID", "Accept", "If-None-Match", "Origin", "Range", "Cookie", "traceparent"])[random.Next(7)],
            Ascii.IsValid(Text()) && Text() is var value && Ascii.IsValid(value) ? value : "x");
        if (operation.Method != "GET" || random.Next(4) == 0)
        {
            request.Content = new StringContent(Bodies[random.Next(Bodies.Length)], Encoding.UTF8,
                ((string[])["application/json", "application/x-www-form-urlencoded", "text/plain"])[random.Next(3)]);
        }

        return request;
    }

    private static async Task<(int Status, string Type, string Body)> CallAsync(HttpClient http, string method, string address, string? body)
    {
        using var request = Request(method, address, Operator);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request, Cancellation);
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static HttpRequestMessage Request(string method, string address, string? key)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address, UriKind.Relative));
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return request;
    }

    private static IEnumerable<string> Ids(string page) => JsonNode.Parse(page)!["results"]!.AsArray().Select(result => result!["id"]!.GetValue<string>());

    private static async Task<HostProcess> StartAsync()
    {
        var host = await new HostProcess(
            "--set", "Streams:Security:RequestsPerSecond=1000000",
            "--set", $"Streams:Security:ApiKeys:screen:Hash={ApiKey.Hash(Viewer)}",
            "--set", $"Streams:Security:ApiKeys:ops:Hash={ApiKey.Hash(Operator)}",
            "--set", "Streams:Security:ApiKeys:ops:Role=operator").StartAsync();
        using (var producer = KafkaTopic.Producer(host.Kafka))
        {
            for (var i = 0; i < 400; i++)
            {
                producer.Produce(Topics.LabelSamples, KafkaTopic.Sample($"task-{i / 100}", $"{i}", i % 10 == 0 ? "dog" : "cat"));
            }

            producer.Flush(Patience);
        }

        // On their topic, and a moment later where they are asked for.
        await Eventually.TrueAsync(
            async () =>
            {
                using var http = new HttpClient { BaseAddress = new Uri(host.Url) };
                using var response = await http.SendAsync(Request("GET", "/api/results/label.modes", Viewer), Cancellation);
                return response.IsSuccessStatusCode && Ids(await response.Content.ReadAsStringAsync(Cancellation)).Count() >= 4;
            },
            Patience,
            () => host.Output);
        return host;
    }
}
