using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Streams.TestKit.Simulation;

namespace Streams.Simulation.Tests;

/// <summary>
/// The pump, the ledger and the core of the grains under simulated faults. <c>STREAMS_SIM_SEEDS</c> and <c>STREAMS_SIM_FROM</c> say which seeds
/// (1,000 from 0), <c>STREAMS_SIM_TRACE=1</c> adds a trace to a failure; <c>tests/simulate</c> sets them.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    [Fact]
    public void Cluster_UnderFaultsOfEachSeed_GivesWhatASequentialRunGives()
    {
        var count = Number("STREAMS_SIM_SEEDS", 1_000);
        var from = Number("STREAMS_SIM_FROM", 0);
        var reports = new ConcurrentBag<SimulationReport>();
        var failures = new ConcurrentBag<string>();
        var began = Stopwatch.GetTimestamp();
        Parallel.For(from, from + count, (seed, loop) =>
        {
            try
            {
                reports.Add(new TestKit.Simulation.Simulation(seed, PlanOf(seed)).Run());
                Progress(reports.Count, count, began);
            }
            catch (SimulationException e)
            {
                failures.Add(e.Message);
                if (failures.Count >= 5)
                {
                    loop.Stop();
                }
            }
        });

        Assert.True(failures.IsEmpty, $"{failures.Count} seeds failed; see one again with tests/simulate --seed N:\n{string.Join('\n', failures)}");
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{reports.Count} seeds: {reports.Sum(r => (long)r.Steps)} scheduling decisions, {reports.Sum(r => r.Time.TotalHours):0} simulated hours, {reports.Sum(r => r.Processes)} processes, {reports.Sum(r => r.StoreCrashes)} store crashes with {reports.Sum(r => r.WritesLost)} acknowledged writes lost; 0 effects lost or doubled, in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s"));
        if (count >= 100)
        {
            // A simulation in which nothing happens proves nothing.
            Assert.True(reports.Sum(report => report.Processes) > 2 * count);
            Assert.True(reports.Sum(report => report.WritesLost) > count / 4);
        }
    }

    [Fact]
    public void SameSeed_RunTwice_GivesTheSameHistory()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            Assert.Equal(new TestKit.Simulation.Simulation(seed, PlanOf(seed)).Run(), new TestKit.Simulation.Simulation(seed, PlanOf(seed)).Run());
        }
    }

    [Fact]
    public void Process_KilledAtEachStepOfASmallRun_LosesAndDoublesNothing()
    {
        var plan = SimulationPlan.Calm with { Records = 12, Partitions = 1, Keys = 2, Hosts = 1, PaceMilliseconds = 20 };
        var steps = new TestKit.Simulation.Simulation(1, plan).Run().Steps;
        Parallel.For(0, steps, step => new TestKit.Simulation.Simulation(1, plan with { KillAtStep = step }).Run());
        Say($"killed at each of {steps} steps");
    }

    [Theory]
    [CombinatorialFaults]
    public void Fault_AtEachPointOfARecordsWay_LosesAndDoublesNothing(SimPoint point, SimFault fault)
    {
        foreach (var transactional in (bool[])[false, true])
        {
            var struck = 0;
            for (var time = 1; time <= 5; time++)
            {
                var plan = SimulationPlan.Calm with { Records = 40, AtPoint = (point, time, fault), Transactional = transactional, SharesGrains = time % 2 == 0 };
                struck += new TestKit.Simulation.Simulation(time, plan).Run().PointReached ? 1 : 0;
            }

            // Only what is published record by record is acknowledged through this point.
            Assert.Equal(transactional && point == SimPoint.ResultsAcknowledged ? 0 : 5, struck);
        }
    }

    [Theory]
    [InlineData(SimSabotage.StoreWithoutCompareAndSet)]
    [InlineData(SimSabotage.CursorOfAnyIncarnation)]
    [InlineData(SimSabotage.BrokerLosesAcknowledged)]
    public void Rule_ThatTheWorldBreaks_IsNoticed(SimSabotage sabotage)
    {
        var plan = new SimulationPlan { Faults = 8, RaceRate = 0.05, Sabotage = sabotage };
        Assert.Contains(Enumerable.Range(0, 400), seed => Record.Exception(() => new TestKit.Simulation.Simulation(seed, plan).Run()) is SimulationException);
    }

    /// <summary>
    /// Two activations of a grain, of which one holds the record as it was some writes ago, and a store that loses just those writes. By ETags alone
    /// one such history in a hundred goes wrong; fenced, none does.
    /// </summary>
    [Theory]
    [InlineData(SimSabotage.None)]
    [InlineData(SimSabotage.StateWithoutFence)]
    public void State_OfAnActivationThatIsBehind_IsNotWrittenAfterTheStoreLostWrites(SimSabotage sabotage)
    {
        var plan = SimulationPlan.Calm with { Keys = 2, RaceRate = 0.3, PaceMilliseconds = 20, Sabotage = sabotage };
        var wrong = new ConcurrentBag<string>();
        Parallel.For(0, 1_000, seed =>
        {
            if (Record.Exception(() => new TestKit.Simulation.Simulation(seed, plan with { AtPoint = (SimPoint.StateWritten, 5 + (seed % 20), SimFault.StoreCrash) }).Run()) is { } problem)
            {
                wrong.Add(problem.Message);
            }
        });
        Assert.Equal(sabotage == SimSabotage.StateWithoutFence, !wrong.IsEmpty);
    }

    /// <summary>Plans differ in size and in what is likely, so that seeds differ in more than luck.</summary>
    private static SimulationPlan PlanOf(int seed) => new()
    {
        Partitions = 1 + (seed % 4),
        Keys = 1 + (seed % 7),
        Hosts = 1 + (seed % 3),
        Faults = 2 + (seed % 5),
        LossRate = seed % 2 == 0 ? 0.01 : 0.05,
        RaceRate = seed % 3 == 0 ? 0.02 : 0.002,
        PaceMilliseconds = seed % 5 == 0 ? 20 : 200,
        Transactional = seed % 4 >= 2,
        SharesGrains = seed % 8 >= 4,
        Trace = Environment.GetEnvironmentVariable("STREAMS_SIM_TRACE") == "1",
    };

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static void Progress(int done, int count, long began)
    {
        if (count > 1_000 && done % 1_000 == 0)
        {
            var elapsed = Stopwatch.GetElapsedTime(began);
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{done} of {count} seeds, {done / elapsed.TotalSeconds:0}/s, {elapsed.TotalSeconds / done * (count - done):0} s left"));
        }
    }

    private void Say(string line) => output.WriteLine(line);
}
