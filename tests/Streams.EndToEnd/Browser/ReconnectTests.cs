using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Streams.EndToEnd.Support;
using Streams.Schemas;
using Streams.Schemas.Labels;

namespace Streams.EndToEnd.Browser;

/// <summary>The page's event stream, cut again and again.</summary>
[Collection(ChangingPageCollection.Name)]
public sealed class ReconnectTests(DemoFixture demo) : PageTest(demo)
{
    private const int Seconds = 60;
    private const int TasksPerSecond = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Notes the id of every result that any event stream of the page delivers.</summary>
    private const string Recorder = """
        window.received = [];
        window.streams = 0;
        const Original = window.EventSource;
        window.EventSource = class extends Original {
          constructor(url) {
            super(url);
            window.streams++;
            this.addEventListener('message', event => window.received.push(JSON.parse(event.data).id));
            this.addEventListener('resync', () => window.received.push('resync'));
          }
        };
        """;

    [Fact]
    public async Task EventStream_CutEveryTwoSecondsForAMinute_DeliversEveryResultOnceAndInOrder()
    {
        Assert.SkipWhen(Demo.Missing is not null, Demo.Missing ?? "");
        await using var proxy = new CuttingProxy(Demo.Host.DashboardPort);
        await using var page = await Demo.OpenAsync(proxy.Url);
        await page.Page.AddInitScriptAsync(Recorder);
        await page.GoAsync("tasks");
        var before = KafkaTopic.ReadResults(Demo.Host.Kafka, Topics.LabelModes).Keys.ToHashSet();

        var cuts = await SendWhileCuttingAsync(proxy);
        Assert.InRange(cuts, Seconds / 4, int.MaxValue);

        string[] expected = [];
        await Eventually.TrueAsync(
            () =>
            {
                expected = [.. KafkaTopic.ReadResults(Demo.Host.Kafka, Topics.LabelModes).Keys.Except(before)];
                return Task.FromResult(expected.Length == Seconds * TasksPerSecond);
            },
            Patience,
            () => $"{expected.Length} results of {Seconds * TasksPerSecond} tasks\n{Demo.Host.Output}");
        string[] received = [];
        await Eventually.TrueAsync(
            async () =>
            {
                received = [.. (await page.Page.EvaluateAsync<JsonElement>("() => window.received")).EnumerateArray().Select(id => id.GetString()!)];
                return expected.All(received.Contains);
            },
            Patience,
            () => $"{expected.Except(received).Count()} of {expected.Length} results never came, such as {expected.Except(received).FirstOrDefault()}");

        Assert.DoesNotContain("resync", received);
        Assert.Equal(received.Distinct(), received);
        // In the order of each partition of the results topic, which is projected by itself.
        foreach (var partition in KafkaTopic.ReadAll(Demo.Host.Kafka, Topics.LabelModes).GroupBy(record => record.Partition.Value))
        {
            string[] inOrder = [.. partition.Select(record => KafkaTopic.Header(record, "ce_id")!).Intersect(expected)];
            Assert.Equal(inOrder, received.Intersect(inOrder));
        }

        // One stream object through all of it: the browser resumed by Last-Event-ID.
        Assert.Equal(1, await page.Page.EvaluateAsync<int>("() => window.streams"));
        await page.Page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "cut-0", Exact = true }).WaitForAsync();
        Assert.Equal(Seconds * TasksPerSecond, await page.Page.Locator("article[aria-label^='Task cut-']").CountAsync());
    }

    /// <summary>Tasks that are decided at once, at a steady pace; every second second all connections are cut.</summary>
    private async Task<int> SendWhileCuttingAsync(CuttingProxy proxy)
    {
        using var producer = KafkaTopic.Producer(Demo.Host.Kafka);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TasksPerSecond));
        var cuts = 0;
        for (var i = 0; i < Seconds * TasksPerSecond; i++)
        {
            Send(producer, $"cut-{i.ToString(CultureInfo.InvariantCulture)}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            if (i % (2 * TasksPerSecond) == 0)
            {
                cuts += proxy.Cut() > 0 ? 1 : 0;
            }
        }

        producer.Flush(Patience);
        return cuts;
    }

    private static void Send(IProducer<byte[], byte[]> producer, string task)
    {
        producer.Produce(Topics.LabelSamples, KafkaTopic.Definition(new LabelTask(task, 0.5, 2, MaxLabels: 1)));
        producer.Produce(Topics.LabelSamples, KafkaTopic.Sample(task, "1", "yes"));
    }
}
