namespace Streams.EndToEnd.Faults;

/// <summary>A broker and a Redis that go away and come back (reliability.md, section 3: tests 12, 13, 16).</summary>
[Collection(FaultCollection.Name)]
public sealed class ServiceFaultTests
{
    [Fact]
    public async Task Broker_BouncedCleanAndHard_LosesAndDoublesNothing()
    {
        await using var scenario = await Scenario.StartAsync("broker bounced", hosts: 2, partitions: 4);
        if (scenario.Cluster.Broker is not { } broker)
        {
            Assert.Skip("STREAMS_KAFKA names a broker that this test cannot stop");
            return;
        }

        var bounces = Scenario.Size(1, 5);
        await scenario.RunAsync(scenario.Load.SendAsync(Scenario.Size(16_000, 120_000), 2_000), async () =>
        {
            for (var i = 0; i < 2 * bounces; i++)
            {
                await Pause.Seconds(Scenario.Size(2, 4));
                await broker.StopAsync(clean: i % 2 == 0);
                await broker.StartAsync();
            }
        });
        await scenario.FinishAsync($"{bounces} clean, {bounces} hard bounces");
    }

    [Fact]
    public async Task Redis_KilledAndBackWithoutItsLastWrites_LosesAndDoublesNothing()
    {
        await using var scenario = await Scenario.StartAsync("Redis killed, comes back without its last writes", hosts: 2, partitions: 4);
        var rounds = Scenario.Size(1, 4);
        var lost = 0L;
        await scenario.RunAsync(scenario.Load.SendAsync(Scenario.Size(9_000, 60_000), 700), async () =>
        {
            for (var round = 0; round < rounds; round++)
            {
                await Pause.Seconds(Scenario.Size(4, 10));
                await scenario.Cluster.Redis.KillAsync();
                lost += scenario.Cluster.Redis.LoseTail(0.2, 256 * 1024);
                await scenario.Cluster.Redis.StartAsync();
            }
        });
        Assert.True(lost > 0);
        await scenario.FinishAsync($"{rounds} SIGKILL of redis-server, {lost / 1024} KB of its file lost");
    }

    [Fact]
    public async Task Redis_AwayForAWhile_IntakeStopsAndGoesOn()
    {
        await using var scenario = await Scenario.StartAsync("Redis away", hosts: 1, partitions: 4);
        var away = Scenario.Size(12, 60);
        var memory = 0L;
        await scenario.RunAsync(scenario.Load.SendAsync(Scenario.Size(12_000, 60_000), Scenario.Size(800, 700)), async () =>
        {
            await Pause.Seconds(2);
            var before = ClusterStatus.Memory(scenario.Cluster.Hosts[0]);
            await scenario.Cluster.Redis.KillAsync();
            await Pause.Seconds(away);
            memory = ClusterStatus.Memory(scenario.Cluster.Hosts[0]) - before;
            Assert.False(await ClusterStatus.IsReadyAsync(scenario.Cluster.Hosts[0]), "the host says that it is ready while Redis is away");
            await scenario.Cluster.Redis.StartAsync();
        });
        Assert.InRange(memory, long.MinValue, 512L * 1024 * 1024);
        await scenario.FinishAsync($"Redis away for {away} s");
    }

    [Fact]
    public async Task TransactionalInput_AbortsFreezesAndKills_AbortedValuesHaveNoEffect()
    {
        await using var scenario = await Scenario.StartAsync("aborted transactions, freeze, kill", hosts: 2, partitions: 4);
        var hosts = scenario.Cluster.Hosts;
        await scenario.RunAsync(scenario.Load.SendInTransactionsAsync(Scenario.Size(8_000, 120_000), 500, Scenario.Random), async () =>
        {
            for (var round = 0; round < Scenario.Size(1, 5); round++)
            {
                await Pause.Seconds(Scenario.Size(2, 8));
                await Support.Signals.StopAsync(hosts[0].ProcessId);
                await Pause.Seconds(Scenario.Size(8, 20));
                await Support.Signals.ContinueAsync(hosts[0].ProcessId);
                await Pause.Seconds(Scenario.Size(1, 8));
                await hosts[0].SuperviseAsync();
                await hosts[1].KillAsync();
                await hosts[1].StartAsync();
            }
        });
        Assert.NotEmpty(scenario.Load.Aborted);
        await scenario.FinishAsync($"{Scenario.Size(1, 5)} × SIGSTOP and SIGKILL, {scenario.Load.Aborted.Count} values aborted");
    }
}
