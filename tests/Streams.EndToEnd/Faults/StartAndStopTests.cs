using System.Globalization;
using Streams.EndToEnd.Support;
using Streams.TestKit.Redis;

namespace Streams.EndToEnd.Faults;

/// <summary>Hosts that start before Redis or the broker are there, and hosts that are told to stop when one of them is gone.</summary>
[Collection(FaultCollection.Name)]
public sealed class StartAndStopTests
{
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Host_StartedBeforeRedisAndBroker_WaitsAndSaysForWhat()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Remedy);
        await using var redis = new RedisServer();
        await using var broker = new BrokerProcess();
        await using var host = Host(broker, redis);
        host.Launch();
        await SaysAsync(host, "Waiting for Redis at");
        await redis.StartAsync();
        await SaysAsync(host, "Waiting for the broker at");
        await broker.StartAsync();
        await host.ReadyAsync();
    }

    [Fact]
    public async Task Host_ToldToStopWhileItWaits_Stops()
    {
        await using var broker = new BrokerProcess();
        await using var redis = new RedisServer();
        await using var host = Host(broker, redis);
        host.Launch();
        await SaysAsync(host, "Waiting for Redis at");
        Assert.InRange(await host.TerminateAsync(TimeSpan.FromSeconds(60)), TimeSpan.Zero, ShutdownLimit);
    }

    [Theory]
    [InlineData("Redis killed", false)]
    [InlineData("Redis frozen", true)]
    [InlineData("broker killed", false)]
    [InlineData("broker frozen", true)]
    [InlineData("both killed", true)]
    public async Task Host_ToldToStopWhenServicesAreGone_EndsWithinFifteenSeconds(string gone, bool always)
    {
        Chaos.Needed(always);
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Remedy);
        await using var redis = await new RedisServer().StartAsync();
        await using var broker = await new BrokerProcess().StartAsync();
        await using var host = await Host(broker, redis).StartAsync();
        // Records in all stages: read, applied, results on their way.
        var load = new Load(broker.BootstrapServers);
        var sending = load.SendAsync(20_000, 2_000);
        await Pause.Seconds(2);
        await (gone switch
        {
            "Redis killed" => redis.KillAsync(),
            "Redis frozen" => Signals.StopAsync(redis.ProcessId),
            "broker killed" => broker.StopAsync(clean: false),
            "broker frozen" => Signals.StopAsync(broker.ProcessId),
            _ => Task.WhenAll(redis.KillAsync(), broker.StopAsync(clean: false)),
        });
        await Pause.Seconds(1);
        var took = await host.TerminateAsync(TimeSpan.FromSeconds(60));
        load.Stop();
        if (gone == "broker frozen")
        {
            await Signals.ContinueAsync(broker.ProcessId);
        }

        if (gone is "broker killed" or "both killed")
        {
            // Only for the load, which else waits two minutes for its acknowledgements.
            await broker.StartAsync();
        }

        await sending;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{gone}: {took.TotalSeconds:0.0} s"));
        Assert.True(took < ShutdownLimit, $"{took.TotalSeconds:0.0} s\n{host.Output}");
    }

    private static HostProcess Host(BrokerProcess broker, RedisServer redis) => new(
        "--kafka", broker.BootstrapServers, "--redis", redis.ConnectionString, "--set", "Streams:Orleans:AdvertisedAddress=127.0.0.1");

    private static Task SaysAsync(HostProcess host, string text) => Eventually.TrueAsync(
        () => Task.FromResult(host.Output.Contains(text, StringComparison.Ordinal)), TimeSpan.FromSeconds(60), () => $"'{text}' is not said:\n{host.Output}");
}
