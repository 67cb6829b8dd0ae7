using Streams.EndToEnd.Support;

namespace Streams.EndToEnd.Faults;

/// <summary>Hosts that are killed, frozen, stopped and started (reliability.md, section 3: tests 9, 10, 11, 14, 15, 29, 35).</summary>
[Collection(FaultCollection.Name)]
public sealed class HostFaultTests
{
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task TwoHosts_OneKilled_TheOtherGoesOnWithinTenSeconds()
    {
        await using var scenario = await Scenario.StartAsync("two hosts, one killed with -9", hosts: 2, partitions: 4);
        await scenario.RunAsync(scenario.Load.SendAsync(Scenario.Size(15_000, 60_000), 1_000), async () =>
        {
            await Pause.Seconds(4);
            await scenario.Cluster.Hosts[0].KillAsync();
        });
        var outcome = await scenario.FinishAsync("1 SIGKILL");
        Assert.InRange(outcome.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Host_KilledThreeTimes_LosesAndDoublesNothing()
    {
        await using var scenario = await Scenario.StartAsync("host killed 3 times, 2 partitions", hosts: 1, partitions: 2);
        var load = scenario.Load.SendAsync(Scenario.Size(12_000, 100_000), Scenario.Size(1_000, 2_000));
        await scenario.RunAsync(load, async () =>
        {
            for (var i = 0; i < 3; i++)
            {
                await Pause.Seconds(Scenario.Size(2, 10));
                await scenario.Cluster.Hosts[0].KillAsync();
                await scenario.Cluster.Hosts[0].StartAsync();
            }
        });
        await scenario.FinishAsync("3 SIGKILL");
    }

    [Fact]
    public async Task TransactionalResults_HostKilled_EachIdIsCommittedOnce()
    {
        await using var scenario = await Scenario.StartAsync("transactional results, 2 kills", hosts: 2, partitions: 4, "Streams:Results:Transactional=true");
        await scenario.RunAsync(scenario.Load.SendAsync(Scenario.Size(10_000, 60_000), 1_000), async () =>
        {
            foreach (var host in scenario.Cluster.Hosts)
            {
                await Pause.Seconds(3);
                await host.KillAsync();
                await host.StartAsync();
            }
        });
        await scenario.FinishAsync("2 SIGKILL", allowRepeats: false);
    }

    [Fact]
    public async Task Hosts_StartedAndStoppedInTurnThenKilled_LoseAndDoubleNothing()
    {
        await using var scenario = await Scenario.StartAsync("start/stop script, 5 partitions, 3 kills", hosts: 1, partitions: 5);
        var hosts = scenario.Cluster.Hosts;
        await scenario.RunAsync(scenario.Load.SendAsync(Scenario.Size(20_000, 100_000), 500 * Scenario.Size(1, 2)), async () =>
        {
            hosts.Add(await scenario.Cluster.NewHost().StartAsync());
            hosts.Add(await scenario.Cluster.NewHost().StartAsync());
            await hosts[0].TerminateAsync(ShutdownLimit);
            await hosts[0].StartAsync();
            await hosts[1].TerminateAsync(ShutdownLimit);
            await hosts[2].TerminateAsync(ShutdownLimit);
            await hosts[1].StartAsync();
            await hosts[2].StartAsync();
            for (var round = 0; round < Scenario.Size(1, 3); round++)
            {
                await Pause.Seconds(Scenario.Size(1, 8));
                await hosts[round % 3].KillAsync();
                await hosts[round % 3].StartAsync();
            }
        });
        await scenario.FinishAsync($"8 starts and stops, {Scenario.Size(1, 3)} SIGKILL");
    }

    [Fact]
    public async Task StaticMembers_RestartedInTurn_LeaveTheOthersPartitionsAlone()
    {
        string[] settings = ["Streams:Kafka:SessionTimeout=00:01:00"];
        await using var scenario = await Scenario.StartAsync("static members, 18 partitions, rolling restarts", hosts: 0 + 1, partitions: 18, [.. settings, "Streams:Kafka:GroupInstanceId=a"]);
        var hosts = scenario.Cluster.Hosts;
        hosts.Add(await scenario.Cluster.NewHost("Streams:Kafka:GroupInstanceId=b").StartAsync());
        hosts.Add(await scenario.Cluster.NewHost("Streams:Kafka:GroupInstanceId=c").StartAsync());
        await Eventually.TrueAsync(async () => (await Task.WhenAll(hosts.Select(ClusterStatus.PartitionsAsync))).All(count => count == 6), TimeSpan.FromSeconds(60), () => "the partitions are not shared out");
        var before = hosts.Select(Moves).ToList();
        var rounds = Scenario.Size(1, 3);
        await scenario.RunAsync(scenario.Load.SendAsync(Scenario.Size(10_000, 60_000), 500), async () =>
        {
            for (var round = 0; round < rounds; round++)
            {
                foreach (var host in hosts)
                {
                    await host.TerminateAsync(ShutdownLimit);
                    await host.StartAsync();
                }
            }
        });
        // Each host has started and stopped its own six partitions with its own restarts, and no other: the group never rebalanced.
        Assert.All(hosts.Zip(before), pair => Assert.Equal(pair.Second + (rounds * 12), Moves(pair.First)));
        await scenario.FinishAsync($"{rounds * 3} restarts, 0 rebalances");

        static int Moves(HostProcess host) =>
            host.Output.Split('\n').Count(line => line.Contains("live/label.samples/", StringComparison.Ordinal) && (line.Contains("reading from", StringComparison.Ordinal) || line.Contains("given up at", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Host_FrozenPastItsSessionAndThawed_WritesNothingOfItsOwn()
    {
        await using var scenario = await Scenario.StartAsync("host frozen past its session, thawed", hosts: 2, partitions: 4);
        // Sessions last six seconds.
        var frozen = Scenario.Size(10, 16);
        await scenario.RunAsync(scenario.Load.SendAsync(Scenario.Size(14_000, 60_000), 700), async () =>
        {
            for (var round = 0; round < Scenario.Size(1, 3); round++)
            {
                var host = scenario.Cluster.Hosts[round % 2];
                await Pause.Seconds(2);
                await Signals.StopAsync(host.ProcessId);
                await Pause.Seconds(frozen);
                await Signals.ContinueAsync(host.ProcessId);
                await Pause.Seconds(Scenario.Size(2, 8));
                await host.SuperviseAsync();
            }
        });
        await scenario.FinishAsync($"{Scenario.Size(1, 3)} SIGSTOP of {frozen} s");
    }

    [Fact]
    public async Task ThreeSilos_OneLostARound_LoseAndDoubleNothing()
    {
        await using var scenario = await Scenario.StartAsync("3 silos, one lost a round", hosts: 3, partitions: 6);
        var rounds = Scenario.Size(1, 4);
        await scenario.RunAsync(scenario.Load.SendAsync(Scenario.Size(10_000, 90_000), 500), async () =>
        {
            for (var round = 0; round < rounds; round++)
            {
                var host = scenario.Cluster.Hosts[round % 3];
                await Pause.Seconds(Scenario.Size(2, 20));
                if (round % 2 == 0)
                {
                    await host.KillAsync();
                }
                else
                {
                    await host.TerminateAsync(ShutdownLimit);
                }

                await Pause.Seconds(Scenario.Size(1, 10));
                await host.StartAsync();
            }
        });
        await scenario.FinishAsync($"{rounds} rounds of SIGKILL or SIGTERM");
    }

    [Fact]
    public async Task Host_TerminatedUnderLoad_DrainsWithinFifteenSeconds()
    {
        await using var scenario = await Scenario.StartAsync("SIGTERM under load", hosts: 1, partitions: 4);
        var longest = TimeSpan.Zero;
        await scenario.RunAsync(scenario.Load.SendAsync(Scenario.Size(10_000, 60_000), 1_000), async () =>
        {
            for (var round = 0; round < Scenario.Size(1, 4); round++)
            {
                await Pause.Seconds(3);
                var took = await scenario.Cluster.Hosts[0].TerminateAsync(TimeSpan.FromSeconds(60));
                longest = took > longest ? took : longest;
                await scenario.Cluster.Hosts[0].StartAsync();
            }
        });
        Assert.InRange(longest, TimeSpan.Zero, ShutdownLimit);
        await scenario.FinishAsync($"{Scenario.Size(1, 4)} SIGTERM, {longest.TotalSeconds:0.0} s at most");
    }

    [Fact]
    public async Task TwoClusters_OverOneState_TheSecondWriterIsRefused()
    {
        await using var scenario = await Scenario.StartAsync("two clusters over one state", hosts: 1, partitions: 4, "Streams:Pump:FencedDelay=00:00:04");
        // Another membership and another group, but the same service: its grains are second activations of the same state.
        scenario.Cluster.Hosts.Add(scenario.Cluster.NewHost("Streams:Orleans:ClusterId=other", $"Streams:Kafka:GroupId={scenario.Cluster.Group}-other"));
        await scenario.RunAsync(scenario.Load.SendAsync(Scenario.Size(12_000, 60_000), 500), async () =>
        {
            // It is never ready for long: the two take the partitions from each other.
            scenario.Cluster.Hosts[1].Launch();
            await Pause.Seconds(Scenario.Size(20, 60));
            await scenario.Cluster.Hosts[1].KillAsync();
            scenario.Cluster.Hosts.Reverse();
        });
        await scenario.FinishAsync("a second cluster on the same state");
    }
}
