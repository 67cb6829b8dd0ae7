using System.Text;
using System.Text.Json;
using Streams.EndToEnd.Support;
using Streams.Schemas;

namespace Streams.EndToEnd.Telemetry;

/// <summary>One trace from a producer's record through Kafka, pump, grain, processor, results topic and Redis to a live connection.</summary>
public sealed class TraceTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = "b7ad6b7169203331";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Record_WithATraceParent_IsOneTraceToItsLiveEvent_AndOthersAreNotRecorded()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var host = await new HostProcess(
            "--set", $"Streams:Telemetry:OtlpEndpoint={collector.Url}", "--set", "Streams:Telemetry:OtlpProtocol=Http", "--set", "Streams:Telemetry:TraceShare=0",
            "--set", "Streams:Telemetry:LogForm=Json")
        {
            // The batch exporter's own setting: sooner than its five seconds.
            Variables = new Dictionary<string, string> { ["OTEL_BSP_SCHEDULE_DELAY"] = "200", ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000" },
        }.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(host.Url) };
        using var live = await http.SendAsync(
            new HttpRequestMessage(HttpMethod.Get, $"/api/live?topic={Topics.LabelModes}"), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var events = new StreamReader(await live.Content.ReadAsStreamAsync(Cancellation));

        using (var producer = KafkaTopic.Producer(host.Kafka))
        {
            for (var i = 0; i < 200; i++)
            {
                var record = KafkaTopic.Sample("animals", $"{i}", "cat");
                record.Headers ??= [];
                record.Headers.Add("traceparent", Encoding.ASCII.GetBytes($"00-{Trace}-{Parent}-01"));
                producer.Produce(Topics.LabelSamples, record);
                producer.Produce(Topics.LabelSamples, KafkaTopic.Sample("plants", $"{i}", "moss"));
            }

            producer.Flush(Patience);
        }

        // The live event carries the trace on, for whoever subscribes.
        string? line;
        do
        {
            line = await events.ReadLineAsync(Cancellation);
        }
        while (line is not null && !(line.StartsWith("data:", StringComparison.Ordinal) && line.Contains("\"animals\"", StringComparison.Ordinal)));
        Assert.StartsWith($"00-{Trace}-", JsonElement.Parse(line![5..]).GetProperty("traceparent").GetString(), StringComparison.Ordinal);

        string[] names =
        [
            $"process {Topics.LabelSamples}", $"apply {Topics.LabelSamples}", $"compute {Topics.LabelSamples}", $"write state of {Topics.LabelSamples}",
            $"send {Topics.LabelModes}", $"process {Topics.LabelModes}", $"deliver {Topics.LabelModes}",
        ];
        await Eventually.TrueAsync(
            () => Task.FromResult(names.All(name => collector.Spans.Any(span => span.Name == name)) && collector.Requests.ContainsKey("metrics") && collector.Requests.ContainsKey("logs")),
            Patience,
            () => $"{string.Join(", ", collector.Spans.Select(span => span.Name).Distinct())}; {string.Join(", ", collector.Requests)}\n{host.Output}");

        Assert.All(collector.Spans, span => Assert.Equal(Trace, span.Trace));
        // From the last span each leads to the producer's.
        var spans = collector.Spans.ToDictionary(span => span.Id);
        var chain = new List<string>();
        for (var at = collector.Spans.First(span => span.Name == names[^1]); ; at = spans[at.Parent])
        {
            chain.Add(at.Name);
            if (at.Parent == Parent)
            {
                break;
            }
        }

        Assert.Equal([names[6], names[5], names[4], names[0]], chain);
        var process = collector.Spans.First(span => span.Name == names[0]);
        Assert.Equal(("kafka", "process", Topics.LabelSamples, $"streams.{Topics.LabelSamples}"),
            (process.Attributes["messaging.system"], process.Attributes["messaging.operation.name"], process.Attributes["messaging.destination.name"],
            process.Attributes["messaging.consumer.group.name"]));
        Assert.All(process.LinkedTraces, linked => Assert.Equal(Trace, linked));

        // The console's log is a JSON object a line, with the event's id.
        Assert.Contains(host.Output.Split('\n'), text => text.StartsWith('{') && JsonElement.Parse(text).GetProperty("EventId").GetInt32() == 100);
    }
}
