using System.Text.Json;
using Streams.EndToEnd.Support;
using Streams.Ingest.Decoding;
using Streams.Processors.ModeEstimation;
using Streams.Schemas;
using Streams.TestKit.Redis;

namespace Streams.EndToEnd;

/// <summary>Whole processes that are killed in the middle: a host, a broker, Redis and producers, over loopback.</summary>
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
        // As the scenarios of Faults, with one host.
        Chaos.Needed();
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Remedy);
        await using var redis = await new RedisServer().StartAsync();
        await using var host = new HostProcess("--redis", redis.ConnectionString, "--set", "Streams:Orleans:AdvertisedAddress=127.0.0.1");
        await KillTwiceAsync(host);
    }

    private static async Task KillTwiceAsync(HostProcess host)
    {
        await host.StartAsync();
        LabelLoad.Produce(host, 0, 4_000);
        await host.KillAsync();
        await host.StartAsync();
        LabelLoad.Produce(host, 4_000, 8_000);
        await host.KillAsync();
        await host.StartAsync();

        await Eventually.TrueAsync(
            async () => (await LabelLoad.LagAsync(host)) == 0,
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

    private static async Task<HashSet<string>> ServedIdsAsync(HostProcess host)
    {
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"{host.Url}/api/results/{Topics.LabelModes}?limit=1000")));
        var ids = json.RootElement.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("id").GetString()!).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        return [.. ids];
    }
}
