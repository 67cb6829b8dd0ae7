using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Streams.Dashboard;
using Streams.Dashboard.Results;
using Streams.EndToEnd.Support;
using Streams.Host.Configuration;
using Streams.Ingest.Publishing;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Results;
using Streams.TestKit.Redis;

namespace Streams.EndToEnd;

/// <summary>infra/SIZING.md against the benchmarks that it quotes, the defaults that it names, and a Redis.</summary>
public sealed partial class SizingTests
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("infra", "SIZING.md"));

    [Fact]
    public void Costs_AreWhatTheBenchmarksSay()
    {
        var sources = new Dictionary<string, string>
        {
            ["Benchmarks"] = File.ReadAllText(Repository.PathOf("tests", "Streams.Benchmarks", "README.md")),
            ["infra/README.md"] = File.ReadAllText(Repository.PathOf("infra", "README.md")),
        };
        var costs = Cost().Matches(Page);
        Assert.Equal(5, costs.Count);
        Assert.All(costs, cost => Assert.Contains(
            cost.Groups["quote"].Value.Replace("\\|", "|", StringComparison.Ordinal), sources[cost.Groups["source"].Value], StringComparison.Ordinal));

        // And the number is the quoted one.
        Assert.Equal((double[])[1.0 / 200, 14.6e-3, 7.8e-6, 83.4e-6, 1 / 1.2e6], costs.Select(cost => double.Parse(cost.Groups["seconds"].Value, CultureInfo.InvariantCulture)), (quoted, written) => Math.Abs(written / quoted - 1) < 0.01);
    }

    [Fact]
    public void Defaults_AreThoseOfTheOptions()
    {
        var options = new StreamsOptions();
        Assert.All(
            [
                $"`ByteBudget` ({options.Pump.ByteBudget:n0})", $"`PrefetchBytes` ({options.Pump.PrefetchBytes:n0})",
                $"`FrameByteBudget` ({options.Pump.FrameByteBudget:n0})", $"`FramePrefetchBytes` ({options.Pump.FramePrefetchBytes:n0})",
                $"`Streams:Replay:ByteBudget` ({options.Replay.ByteBudget:n0})",
                $"`HistoryPerKey` ({options.Dashboard.HistoryPerKey:n0})", $"`LiveLogLength` {new ResultStoreOptions().LiveLogLength:n0}", $"`MaxLiveConnections` ({new DashboardOptions().MaxLiveConnections:n0})",
                $"partitions of a topic ({TopicAdmin.DefaultPartitions})", $"`LearnEveryRows` ({options.GraphFilter.LearnEveryRows}) rows", $"`ContextTokens` {options.Captioner.ContextTokens:n0}",
                $"`Hop` {options.Captioning.Hop}",
            ],
            text => Assert.Contains(text, Page.ReplaceLineEndings(" "), StringComparison.Ordinal));
        var flight = ((2 * (options.Pump.ByteBudget + options.Pump.PrefetchBytes)) + options.Pump.FrameByteBudget + options.Pump.FramePrefetchBytes) / (double)(1 << 20);
        Assert.Contains($"{flight:0} MiB", Page, StringComparison.Ordinal);
        // 2 × layers × heads × size × tokens × bytes.
        Assert.Contains($"{2.0 * 30 * 3 * 64 * 2_048 * 2 / 1e6:0} MB a slot", Page, StringComparison.Ordinal);
        Assert.Contains($"{2.0 * 24 * 32 * 64 * 2_048 * 2 / 1e6:0} MB a slot", Page, StringComparison.Ordinal);
        Assert.Contains($"has {(int)(new CaptionerOptions().CacheBytes / (2.0 * 30 * 3 * 64 * 2_048 * 2))} slots", Page, StringComparison.Ordinal);
        Assert.Contains($"= {(10 * 2 * 0.005) + (10 * 2 / 8.0 * 0.0146) + (20 * 0.0000834):0.00} cores", Page.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(4_000)]
    public async Task Redis_TakesWhatTheFormulaSays(int json)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Remedy);
        Assert.Contains("(JSON + 2 × (40 + id) + 200)", Page, StringComparison.Ordinal);
        await using var server = await new RedisServer().StartAsync();
        using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var store = new RedisResultStore(redis, Options.Create(new ResultStoreOptions()));
        var results = Enumerable.Range(0, 3_000).Select(i => Result(i, json)).ToList();
        foreach (var batch in results.Chunk(500))
        {
            await store.ProjectAsync(batch);
        }

        var keys = ResultKeys.Of(Topics.LiveRun, Topics.VideoCaptions, "gate");
        var bytes = await UsageAsync(redis, keys.History) + await UsageAsync(redis, keys.Bodies);
        var formula = results.Sum(result => ResultJson.Serialize(result).Length + (2L * (40 + result.Id.Length)) + 200);
        // Redis' allocator has four sizes for each doubling.
        Assert.InRange(bytes / (double)formula, 0.85, 1.25);
    }

    private static async Task<long> UsageAsync(IConnectionMultiplexer redis, RedisKey key) =>
        (long)await redis.GetDatabase().ExecuteAsync("MEMORY", "USAGE", key, "SAMPLES", "0");

    private static ResultRecord Result(int i, int json) => new(
        new ResultId(Topics.LiveRun, Topics.VideoFrames, 0, i, 0).ToString(), Topics.LiveRun, Topics.VideoCaptions, "gate", DateTimeOffset.UnixEpoch.AddSeconds(i),
        EventTypes.VideoCaption, System.Text.Json.JsonSerializer.SerializeToElement(new string('x', json), ResultJson.Options));

    [GeneratedRegex(@"^\| [a-z]+ \| .*? \| (?<seconds>[0-9.]+) \| (?<source>[A-Za-z./]+): `(?<quote>.*)` \|\r?$", RegexOptions.Multiline)]
    private static partial Regex Cost();
}
