using System.Text.Json;
using Confluent.Kafka;
using Streams.EndToEnd.Support;
using Streams.Schemas;

namespace Streams.EndToEnd;

/// <summary>What a running host makes of labels: a host, a broker, Redis, producers and oracles, over loopback.</summary>
[Collection(SharedHostCollection.Name)]
public sealed class LabelsOfAHostTests(SharedHost shared)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Host_ThousandMalformedAmongTenThousand_DeadLettersThemAllAndProcessesTheRest()
    {
        var host = shared.Host;
        var before = await LabelLoad.StatusAsync(host);
        using (var producer = KafkaTopic.Producer(host.Kafka))
        {
            for (var i = 0; i < 10_000; i++)
            {
                var message = KafkaTopic.Sample($"damaged-{i / 10 % 50}", $"{i}", i % 9 == 0 ? "a" : "b");
                if (i % 10 == 7)
                {
                    Damage(message, i / 10 % 5);
                }

                producer.Produce(Topics.LabelSamples, message);
            }

            producer.Flush(Patience);
        }

        await LabelLoad.SettleAsync(host, Count(before, "recordsIn") + 10_000);
        var letters = KafkaTopic.ReadAll(host.Kafka, Topics.DeadLetter(Topics.LabelSamples));
        Assert.Equal(1_000, letters.Select(letter => (KafkaTopic.Header(letter, "dlt-origin-partition"), KafkaTopic.Header(letter, "dlt-origin-offset"))).Distinct().Count());
        Assert.All(letters, letter =>
        {
            Assert.Equal(Topics.LabelSamples, KafkaTopic.Header(letter, "dlt-origin-topic"));
            Assert.NotEmpty(KafkaTopic.Header(letter, "dlt-reason")!);
        });
        var after = await LabelLoad.StatusAsync(host);
        Assert.Equal(10_000, Count(after, "recordsIn") - Count(before, "recordsIn"));
        Assert.Equal(1_000, Count(after, "deadLetters") - Count(before, "deadLetters"));
        Assert.Equal(50, Modes(host, "damaged-").Count);
    }

    [Fact]
    public async Task Replay_WholeTopic_GivesTheIdsAndValuesOfLive()
    {
        var host = shared.Host;
        var before = Count(await LabelLoad.StatusAsync(host), "recordsIn");
        LabelLoad.Produce(host, 0, 3_000, "replayed");
        await LabelLoad.SettleAsync(host, before + 3_000);

        var replay = await HostProcess.RunAsync("replay", "--topic", Topics.LabelSamples, "--run", "check", "--from", "0", "--dashboard-url", host.Url, "--json");
        Assert.True(replay.ExitCode == 0, replay.Error);

        var live = KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes);
        var again = KafkaTopic.ReadResults(host.Kafka, Topics.ForRun("check", Topics.LabelModes));
        Assert.Contains(live.Values, mode => mode.Contains("\"replayed-", StringComparison.Ordinal));
        Assert.Equal(live.Select(pair => (pair.Key.Replace("live/", "check/", StringComparison.Ordinal), pair.Value)), again.Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public async Task ActiveTask_WithOracle_FindsTheModeAndStopsAsking()
    {
        var host = shared.Host;
        var truths = await TruthsAsync("poll");

        var oracle = await HostProcess.RunAsync("oracle", "--task", "poll", "--truths", truths, "--delta", "0.01", "--once", "--kafka", host.Kafka);
        Assert.True(oracle.ExitCode == 0, oracle.Error);

        var mode = Assert.Single(Modes(host, "poll"));
        using var json = JsonDocument.Parse(mode);
        Assert.Equal("yes", json.RootElement.GetProperty("mode").GetString());
        Assert.Equal("DECIDED", json.RootElement.GetProperty("status").GetString());
        Assert.True(json.RootElement.GetProperty("labelsSaved").GetInt64() > 500);
    }

    [Fact]
    public async Task PairTask_WithOracle_FindsASampleOfTheModeAndStopsAsking()
    {
        var host = shared.Host;
        var truths = await TruthsAsync("faces");

        var task = await HostProcess.RunAsync(
            "publish", "task", "--task", "faces", "--labels", "3", "--pool", "1000", "--query-model", "pairs", "--max-queries", "2000", "--kafka", host.Kafka);
        Assert.True(task.ExitCode == 0, task.Error);
        var oracle = await HostProcess.RunAsync("oracle", "--task", "faces", "--truths", truths, "--once", "--kafka", host.Kafka);
        Assert.True(oracle.ExitCode == 0, oracle.Error);

        var mode = Assert.Single(Modes(host, "faces"));
        using var json = JsonDocument.Parse(mode);
        Assert.Equal("DECIDED", json.RootElement.GetProperty("status").GetString());
        Assert.InRange(json.RootElement.GetProperty("modeSample").GetInt32() % 10, 0, 5);
        Assert.InRange(json.RootElement.GetProperty("queriesUsed").GetInt64(), 10, 1_000);
    }

    private async Task<string> TruthsAsync(string task)
    {
        var file = Path.Combine(shared.Host.DataDirectory, $"{task}.csv");
        var rows = Enumerable.Range(0, 1_000).Select(i => $"{i},{(i % 10 < 6 ? "yes" : i % 10 < 8 ? "no" : "maybe")}");
        await File.WriteAllLinesAsync(file, ["sample,label", .. rows], TestContext.Current.CancellationToken);
        return file;
    }

    private static List<string> Modes(HostProcess host, string tasks) =>
        [.. KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes).Values.Where(mode => mode.Contains($"\"task\":\"{tasks}", StringComparison.Ordinal))];

    private static long Count(JsonElement status, string name) => status.GetProperty(name).GetInt64();

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
}
