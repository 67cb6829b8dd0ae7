using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using SkiaSharp;
using Streams.EndToEnd.Support;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using YamlDotNet.RepresentationModel;
using Headers = Confluent.Kafka.Headers;

namespace Streams.EndToEnd.Telemetry;

/// <summary>Grafana's dashboards and Prometheus' rules against what a running host has at <c>/metrics</c>.</summary>
public sealed partial class MetricsTests
{
    // Prometheus makes it by itself.
    private const string Up = "up";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sum by (a, b) (rate(x_total{c=\"d_e\"}[5m])) / max(y_seconds) > 0.5", "x_total,y_seconds")]
    [InlineData("histogram_quantile(0.99, sum by (le) (rate(z_bucket[$__rate_interval]))) and on (job) up == 0", "z_bucket,up")]
    [InlineData("1e3 + vector(1)", "")]
    public void PromQl_Metrics_AreFound(string expression, string metrics) => Assert.Equal(metrics, string.Join(',', PromQl.Metrics(expression)));

    [Fact]
    public async Task Host_AtWork_HasEveryMetricThatDashboardsAndAlertsName()
    {
        string[] named = [.. DashboardExpressions().Concat(AlertExpressions()).SelectMany(PromQl.Metrics).Distinct().Where(name => name != Up).Order(StringComparer.Ordinal)];
        Assert.True(named.Length > 20, string.Join(", ", named));

        await using var host = await new HostProcess("--set", "Streams:Captioner:Device=cpu").StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(host.Url) };
        using var live = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/api/live"), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using var body = await live.Content.ReadAsStreamAsync(Cancellation);
        Publish(host.Kafka);

        string[] missing = named;
        await Eventually.TrueAsync(
            async () =>
            {
                var there = Series(await http.GetStringAsync("/metrics", Cancellation));
                missing = [.. named.Where(name => !there.Contains(name))];
                return missing.Length == 0;
            },
            Patience,
            () => $"not at /metrics: {string.Join(", ", missing)}\n{host.Output}");

        // By the messaging conventions, and of the right topic.
        var metrics = await http.GetStringAsync("/metrics", Cancellation);
        Assert.Matches($@"messaging_client_consumed_messages_total\{{[^}}]*messaging_destination_name=""{Regex.Escape(Topics.LabelSamples)}""[^}}]*messaging_operation_name=""poll""[^}}]*\}} 101\b", metrics);
        Assert.Matches($@"streams_records_dead_lettered_total\{{[^}}]*messaging_destination_name=""{Regex.Escape(Topics.LabelSamples)}""[^}}]*\}} 1\b", metrics);
        Assert.Matches($@"streams_lag_records\{{[^}}]*messaging_destination_name=""{Regex.Escape(Topics.LabelSamples)}""[^}}]*\}} 0\b", metrics);
        Assert.Matches(@"streams_live_connections\{[^}]*\} 1\b", metrics);
    }

    [Fact]
    public void Dashboard_Panels_AreWholeAndApart()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("infra", "grafana", "dashboards", "streams.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        var taken = new HashSet<(int X, int Y)>();
        Assert.All(panels, panel =>
        {
            Assert.NotEqual("", panel.GetProperty("title").GetString());
            Assert.NotEmpty(panel.GetProperty("targets").EnumerateArray());
            Assert.Equal("prometheus", panel.GetProperty("datasource").GetProperty("uid").GetString());
            var place = panel.GetProperty("gridPos");
            var (x, y, w, h) = (place.GetProperty("x").GetInt32(), place.GetProperty("y").GetInt32(), place.GetProperty("w").GetInt32(), place.GetProperty("h").GetInt32());
            Assert.InRange(x + w, 1, 24);
            Assert.All(Enumerable.Range(x, w).SelectMany(_ => Enumerable.Range(y, h), (column, row) => (column, row)), cell => Assert.True(taken.Add(cell), $"{cell}"));
        });
    }

    [Fact]
    public void Alerts_Each_SayWhatTheyMeanAndWhatToDo()
    {
        var rules = Rules().ToList();
        Assert.True(rules.Count >= 8, $"{rules.Count}");
        Assert.Equal(rules.Count, rules.Select(rule => Text(rule, "alert")).Distinct().Count());
        Assert.All(rules, rule =>
        {
            Assert.Contains(Text((YamlMappingNode)rule["labels"], "severity"), (string?[])["critical", "warning"]);
            Assert.True(Text((YamlMappingNode)rule["annotations"], "summary").Length > 10);
            Assert.True(Text((YamlMappingNode)rule["annotations"], "action").Length > 10);
        });
    }

    private static IEnumerable<string> DashboardExpressions()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("infra", "grafana", "dashboards", "streams.json")));
        return [
            .. dashboard.RootElement.GetProperty("panels").EnumerateArray().SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .Select(target => target.GetProperty("expr").GetString()!),
            .. dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray()
                .Select(variable => variable.GetProperty("query").GetString()!.Replace("label_values(", "", StringComparison.Ordinal).Split(',')[0])];
    }

    private static IEnumerable<string> AlertExpressions() => Rules().Select(rule => Text(rule, "expr"));

    private static IEnumerable<YamlMappingNode> Rules()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(Repository.PathOf("infra", "prometheus", "alerts.yml"))));
        return ((YamlSequenceNode)yaml.Documents.Single().RootNode["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"]).Cast<YamlMappingNode>();
    }

    private static string Text(YamlMappingNode node, string name) => ((YamlScalarNode)node[name]).Value!;

    private static HashSet<string> Series(string metrics) => [.. Sample().Matches(metrics).Select(match => match.Groups[1].Value)];

    /// <summary>A hundred samples and one that is none, and a clip.</summary>
    private static void Publish(string kafka)
    {
        using var producer = KafkaTopic.Producer(kafka);
        for (var i = 0; i < 100; i++)
        {
            producer.Produce(Topics.LabelSamples, KafkaTopic.Sample("animals", $"{i}", "cat"));
        }

        producer.Produce(Topics.LabelSamples, new Message<byte[], byte[]> { Key = "animals"u8.ToArray(), Value = "not JSON"u8.ToArray() });
        using var bitmap = new SKBitmap(64, 64);
        for (var i = 0; i < 16; i++)
        {
            bitmap.Erase(new SKColor((byte)(16 * i), 80, 160));
            var envelope = new EventEnvelope($"gate/{i}", "/cameras/gate", EventTypes.VideoFrame, DateTimeOffset.UnixEpoch.AddSeconds(i), ContentType: "image/jpeg");
            var headers = new Headers();
            foreach (var (name, value) in envelope.ToHeaders())
            {
                headers.Add(name, value);
            }

            headers.Add(Schemas.Envelope.Headers.Codec, "jpeg"u8.ToArray());
            headers.Add(Schemas.Envelope.Headers.Width, "64"u8.ToArray());
            headers.Add(Schemas.Envelope.Headers.Height, "64"u8.ToArray());
            headers.Add(Schemas.Envelope.Headers.Sequence, Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture)));
            producer.Produce(Topics.VideoFrames, new Message<byte[], byte[]> { Key = "gate"u8.ToArray(), Value = bitmap.Encode(SKEncodedImageFormat.Jpeg, 80).ToArray(), Headers = headers });
        }

        producer.Flush(Patience);
    }

    [GeneratedRegex(@"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{| )", RegexOptions.Multiline)]
    private static partial Regex Sample();
}
