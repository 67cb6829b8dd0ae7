using System.Text.Json;
using Confluent.Kafka;
using Streams.EndToEnd.Support;
using Streams.Ingest.Decoding;
using Streams.Processors.ModeEstimation;
using Streams.Schemas;
using Streams.TestKit.Redis;

namespace Streams.EndToEnd;

/// <summary>Whole processes: a host, a broker, Redis, producers and oracles, over loopback.</summary>
public sealed class LabelsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Host_KilledTwiceInTheMiddle_GivesEveryResultOnce()
    {
        await using var host = new HostProcess();
        await KillTwiceAsync(host);
    }

    [Fact]
    public async Task Host_KilledTwiceWithRealRedis_GivesEveryResultOnce()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Remedy);
        await using var redis = await new RedisServer().StartAsync();
        await using var host = new HostProcess("--redis", redis.ConnectionString, "--set", "Streams:Orleans:AdvertisedAddress=127.0.0.1");
        await KillTwiceAsync(host);
    }

    [Fact]
    public async Task Host_ThousandMalformedAmongTenThousand_DeadLettersThemAllAndProcessesTheRest()
    {
        await using var host = await new HostProcess().StartAsync();
        using (var producer = KafkaTopic.Producer(host.Kafka))
        {
            for (var i = 0; i < 10_000; i++)
            {
                var message = KafkaTopic.Sample($"task-{i / 10 % 50}", $"{i}", i % 9 == 0 ? "a" : "b");
                if (i % 10 == 7)
                {
                    Damage(message, i / 10 % 5);
                }

                producer.Produce(Topics.LabelSamples, message);
            }

            producer.Flush(Patience);
        }

        await WaitUntilSettledAsync(host, 10_000);
        var letters = KafkaTopic.ReadAll(host.Kafka, Topics.DeadLetter(Topics.LabelSamples));
        Assert.Equal(1_000, letters.Select(letter => (KafkaTopic.Header(letter, "dlt-origin-partition"), KafkaTopic.Header(letter, "dlt-origin-offset"))).Distinct().Count());
        Assert.All(letters, letter =>
        {
            Assert.Equal(Topics.LabelSamples, KafkaTopic.Header(letter, "dlt-origin-topic"));
            Assert.NotEmpty(KafkaTopic.Header(letter, "dlt-reason")!);
        });
        var status = await TopicStatusAsync(host);
        Assert.Equal(10_000, status.GetProperty("recordsIn").GetInt64());
        Assert.Equal(1_000, status.GetProperty("deadLetters").GetInt64());
        Assert.Equal(50, KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes).Count);
    }

    [Fact]
    public async Task Replay_WholeTopic_GivesTheIdsAndValuesOfLive()
    {
        await using var host = await new HostProcess().StartAsync();
        Produce(host, 0, 3_000);
        await WaitUntilSettledAsync(host, 3_000);

        var replay = await HostProcess.RunAsync("replay", "--topic", Topics.LabelSamples, "--run", "check", "--from", "0", "--dashboard-url", host.Url, "--json");
        Assert.True(replay.ExitCode == 0, replay.Error);

        var live = KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes);
        var again = KafkaTopic.ReadResults(host.Kafka, Topics.ForRun("check", Topics.LabelModes));
        Assert.NotEmpty(live);
        Assert.Equal(live.Select(pair => (pair.Key.Replace("live/", "check/", StringComparison.Ordinal), pair.Value)), again.Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public async Task ActiveTask_WithOracle_FindsTheModeAndStopsAsking()
    {
        await using var host = await new HostProcess().StartAsync();
        var truths = Path.Combine(host.DataDirectory, "truths.csv");
        await File.WriteAllLinesAsync(truths, ["sample,label", .. Enumerable.Range(0, 1_000).Select(i => $"{i},{(i % 10 < 6 ? "yes" : i % 10 < 8 ? "no" : "maybe")}")], TestContext.Current.CancellationToken);

        var oracle = await HostProcess.RunAsync("oracle", "--task", "poll", "--truths", truths, "--delta", "0.01", "--once", "--kafka", host.Kafka);
        Assert.True(oracle.ExitCode == 0, oracle.Error);

        var mode = Assert.Single(KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes)).Value;
        using var json = JsonDocument.Parse(mode);
        Assert.Equal("yes", json.RootElement.GetProperty("mode").GetString());
        Assert.Equal("DECIDED", json.RootElement.GetProperty("status").GetString());
        Assert.True(json.RootElement.GetProperty("labelsSaved").GetInt64() > 500);
    }

    [Fact]
    public async Task PairTask_WithOracle_FindsASampleOfTheModeAndStopsAsking()
    {
        await using var host = await new HostProcess().StartAsync();
        var truths = Path.Combine(host.DataDirectory, "truths.csv");
        await File.WriteAllLinesAsync(truths, ["sample,label", .. Enumerable.Range(0, 1_000).Select(i => $"{i},{(i % 10 < 6 ? "yes" : i % 10 < 8 ? "no" : "maybe")}")], TestContext.Current.CancellationToken);

        var task = await HostProcess.RunAsync(
            "publish", "task", "--task", "faces", "--labels", "3", "--pool", "1000", "--query-model", "pairs", "--max-queries", "2000", "--kafka", host.Kafka);
        Assert.True(task.ExitCode == 0, task.Error);
        var oracle = await HostProcess.RunAsync("oracle", "--task", "faces", "--truths", truths, "--once", "--kafka", host.Kafka);
        Assert.True(oracle.ExitCode == 0, oracle.Error);

        var mode = Assert.Single(KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes)).Value;
        using var json = JsonDocument.Parse(mode);
        Assert.Equal("DECIDED", json.RootElement.GetProperty("status").GetString());
        Assert.InRange(json.RootElement.GetProperty("modeSample").GetInt32() % 10, 0, 5);
        Assert.InRange(json.RootElement.GetProperty("queriesUsed").GetInt64(), 10, 1_000);
    }

    private static async Task KillTwiceAsync(HostProcess host)
    {
        await host.StartAsync();
        Produce(host, 0, 4_000);
        await host.KillAsync();
        await host.StartAsync();
        Produce(host, 4_000, 8_000);
        await host.KillAsync();
        await host.StartAsync();

        await Eventually.TrueAsync(
            async () => (await LagAsync(host)) == 0,
            Patience,
            () => host.Output);
        var expected = await SequentialRun.OfAsync(host.Kafka, new LabelSampleDecoder(), new ModeEstimationProcessorFactory(), Topics.LabelModes);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes));
        await Eventually.TrueAsync(
            async () => (await ServedIdsAsync(host)).SetEquals(expected.Keys),
            Patience,
            () => $"the dashboard does not serve every result once:\n{host.Output}");
    }

    // Tasks of three labels; ids of samples are unique, so nothing is a repeat.
    private static void Produce(HostProcess host, int from, int to)
    {
        using var producer = KafkaTopic.Producer(host.Kafka);
        for (var i = from; i < to; i++)
        {
            var label = (i * 2654435761L % 100) switch { < 80 => "cat", < 90 => "dog", _ => "emu" };
            producer.Produce(Topics.LabelSamples, KafkaTopic.Sample($"task-{i / 200}", $"{i}", label));
        }

        producer.Flush(Patience);
    }

    private static void Damage(Message<byte[], byte[]> message, int kind)
    {
        switch (kind)
        {
            case 0:
                message.Value = "{\"label\":"u8.ToArray();
                break;
            case 1:
                message.Value = "{\"sample\":\"1\",\"label\":\"a\"}"u8.ToArray();
                break;
            case 2:
                message.Key = [0xC3, 0x28];
                break;
            case 3:
                message.Value = [];
                break;
            default:
                message.Headers = new Headers { { "ce_id", "1"u8.ToArray() } };
                break;
        }
    }

    private static async Task WaitUntilSettledAsync(HostProcess host, int records) => await Eventually.TrueAsync(
        async () =>
        {
            var topic = await TopicStatusAsync(host);
            return topic.GetProperty("recordsIn").GetInt64() >= records && topic.GetProperty("inFlight").GetInt64() == 0 && await LagAsync(host) == 0;
        },
        Patience,
        () => host.Output);

    private static async Task<long?> LagAsync(HostProcess host) =>
        (await TopicStatusAsync(host)) is var topic && topic.TryGetProperty("lag", out var lag) ? lag.GetInt64() : null;

    private static async Task<JsonElement> TopicStatusAsync(HostProcess host)
    {
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"{host.Url}/api/status")));
        return json.RootElement.GetProperty("pipeline").GetProperty("topics").EnumerateArray()
            .Single(topic => topic.GetProperty("topic").GetString() == Topics.LabelSamples).Clone();
    }

    private static async Task<HashSet<string>> ServedIdsAsync(HostProcess host)
    {
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"{host.Url}/api/results/{Topics.LabelModes}?limit=1000")));
        var ids = json.RootElement.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("id").GetString()!).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        return [.. ids];
    }
}
