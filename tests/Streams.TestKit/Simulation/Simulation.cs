using System.Globalization;
using System.Text;
using System.Text.Json;
using Streams.Grains;
using Streams.Grains.Processing;
using Streams.Ingest;
using Streams.Schemas;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.TestKit.Simulation;

/// <summary>
/// A cluster of hosts with its broker and store under faults, all drawn from one seed, held against a sequential run of the same records. The
/// product's own pump, ledger and grain core run in it; only what lies beyond their interfaces is simulated.
/// </summary>
/// <param name="seed">Draws everything.</param>
/// <param name="plan">What happens.</param>
public sealed class Simulation(int seed, SimulationPlan plan)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    private SimWorld _world = null!;
    private readonly SimPoints _points = new();
    private readonly List<SimProcess> _processes = [];
    private SimBroker _broker = null!;
    private SimStore _store = null!;
    private SimSilos _silos = null!;
    private SimCursors _cursors = null!;
    private SimHost _host = null!;
    private int _started;

    /// <summary>Runs it to its end and checks what came of it.</summary>
    /// <exception cref="SimulationException">An effect was lost, doubled or changed.</exception>
    public SimulationReport Run()
    {
        // A test runner's context would carry what is awaited to other threads.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return RunOnThisThread();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private SimulationReport RunOnThisThread()
    {
        _world = new SimWorld(seed) { IsTraced = plan.Trace };
        _broker = new SimBroker(_world, Topics.LabelSamples, plan.Partitions);
        _store = new SimStore(_world)
        {
            LossRate = plan.LossRate,
            ComparesNothing = plan.Sabotage == SimSabotage.StoreWithoutCompareAndSet,
            ChecksNoFence = plan.Sabotage == SimSabotage.StateWithoutFence,
        };
        _broker.LossRate = plan.LossRate;
        _broker.LosesAcknowledged = plan.Sabotage == SimSabotage.BrokerLosesAcknowledged;
        _cursors = new SimCursors(_store, _points) { IgnoresIncarnation = plan.Sabotage == SimSabotage.CursorOfAnyIncarnation };
        _silos = new SimSilos(_world, _store, _cursors, _points) { RaceRate = plan.RaceRate, SharesGrains = plan.SharesGrains };
        _host = new SimHost(_world, _broker, _silos, _cursors, _points, plan.Transactional);
        var world = new SimProcess(_world, "world");
        for (var i = 0; i < plan.Hosts; i++)
        {
            StartHost();
        }

        var produced = world.Start(ProduceAsync);
        _ = world.Start(TickAsync);
        var faults = world.Start(FaultsAsync);
        if (plan.KillAtStep is { } step)
        {
            _world.BeforeEachStep(() => KillAt(step));
        }

        if (plan.AtPoint is { } at)
        {
            _points.Arm(at.Point, at.Time, () => Strike(at.Fault, _world.Acting));
        }

        _world.RunUntil(() => produced.IsCompleted && faults.IsCompleted && IsDone(), Limit, Progress);
        Check();
        return new SimulationReport(seed, _world.Steps, _world.Clock.Now, _started, _store.Incarnation - 1, _store.RolledBack, _broker.Results.Count, _points.HasStruck);
    }

    private async Task ProduceAsync()
    {
        for (var i = 0; i < plan.Records; i++)
        {
            var key = _world.Random.Next(plan.Keys);
            var kind = _world.Random.Next(20) switch { 0 => '!', 1 => HistoryProcessor.Refused, 2 => HistoryProcessor.Broken, < 8 => HistoryProcessor.Silent, _ => 'v' };
            _broker.Append(key % plan.Partitions, $"key{key}", string.Create(CultureInfo.InvariantCulture, $"{kind}{i}"));
            if (_world.Happens(0.3))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(_world.Random.Next(1, plan.PaceMilliseconds)), _world.Clock);
            }
        }
    }

    private async Task TickAsync()
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), _world.Clock);
            _broker.Group.Tick();
        }
    }

    private async Task FaultsAsync()
    {
        for (var i = 0; i < plan.Faults; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_world.Random.Next(1, plan.FaultEveryMilliseconds)), _world.Clock);
            Strike((SimFault)_world.Random.Next(Enum.GetValues<SimFault>().Length));
        }
    }

    private void Strike(SimFault fault, SimProcess? victim = null)
    {
        victim ??= PickRunning();
        _world.Trace($"fault: {fault} {victim?.Name}");
        switch (fault)
        {
            case SimFault.Kill when victim is not null:
                victim.Kill();
                Later(0, 8_000, StartHost);
                break;
            case SimFault.Pause when victim is not null:
                victim.IsPaused = true;
                // Shorter and longer than the session timeout.
                Later(500, 20_000, () => victim.IsPaused = false);
                break;
            case SimFault.Stop when victim is not null:
                victim.IsStopping = true;
                Later(0, 8_000, StartHost);
                break;
            case SimFault.StoreCrash:
                _store.Crash();
                break;
            case SimFault.StoreDown:
                _store.IsDown = true;
                Later(500, 20_000, () => _store.IsDown = false);
                break;
            case SimFault.SecondActivation:
                _silos.ForgetAll();
                break;
            case SimFault.Join:
                StartHost();
                break;
        }
    }

    private void Later(int from, int to, Action act)
    {
        var delay = TimeSpan.FromMilliseconds(_world.Random.Next(from, to));
        _ = new SimProcess(_world, "later").Start(async () =>
        {
            await Task.Delay(delay, _world.Clock);
            act();
        });
    }

    private bool KillAt(int step)
    {
        if (_world.Steps < step)
        {
            return false;
        }

        Strike(SimFault.Kill);
        return true;
    }

    private SimProcess? PickRunning()
    {
        var running = _processes.Where(process => process is { CanRun: true, IsStopping: false }).ToList();
        return running.Count == 0 ? null : running[_world.Random.Next(running.Count)];
    }

    private void StartHost()
    {
        if (_processes.Count(process => process is { IsAlive: true, IsStopping: false }) >= plan.Hosts + 1)
        {
            return;
        }

        var process = new SimProcess(_world, $"host{++_started}");
        _processes.Add(process);
        _host.Start(process);
    }

    private PartitionId Partition(int partition) => new(Topics.LiveRun, _broker.Topic, partition);

    private bool IsDone() => Enumerable.Range(0, plan.Partitions).All(partition => _cursors.Stored(Partition(partition)) >= _broker.End(partition));

    private string Progress() => string.Join(", ", Enumerable.Range(0, plan.Partitions)
        .Select(partition => $"partition {partition} at {_cursors.Stored(Partition(partition))} of {_broker.End(partition)}"));

    private void Check()
    {
        var (results, letters, states) = Sequential();
        var seen = new Dictionary<string, string>();
        var last = new Dictionary<(string Key, int Partition), ResultId>();
        foreach (var result in _broker.Results)
        {
            var text = Encoding.UTF8.GetString(result.Data);
            if (!results.TryGetValue(result.Id, out var expected))
            {
                throw new SimulationException(_world, $"result {result.Id} should not be there");
            }

            if (expected != text)
            {
                throw new SimulationException(_world, $"result {result.Id} is {text}, a sequential run gives {expected}");
            }

            if (seen.TryAdd(result.Id, text))
            {
                ResultId.TryParse(result.Id, out var id);
                if (last.TryGetValue((result.Key, id.Partition), out var before) && (before.Offset, before.N).CompareTo((id.Offset, id.N)) > 0)
                {
                    throw new SimulationException(_world, $"result {id} came after {before}");
                }

                last[(result.Key, id.Partition)] = id;
            }
            else if (plan.Transactional)
            {
                throw new SimulationException(_world, $"result {result.Id} was committed twice");
            }
        }

        if (results.Keys.FirstOrDefault(id => !seen.ContainsKey(id)) is { } lost)
        {
            throw new SimulationException(_world, $"result {lost} was lost");
        }

        if (!letters.SetEquals(_broker.DeadLetters))
        {
            throw new SimulationException(_world, $"dead letters {string.Join(' ', _broker.DeadLetters.Distinct().Order())} instead of {string.Join(' ', letters.Order())}");
        }

        foreach (var (key, expected) in states)
        {
            var stored = _store.Get($"state/{new StreamKey(Topics.LiveRun, _broker.Topic, key)}");
            var state = stored is { } found ? JsonSerializer.Deserialize<StreamState>(found.Value)!.Processor : null;
            if (state is null || !state.AsSpan().SequenceEqual(expected))
            {
                throw new SimulationException(_world, $"the state of {key} is not that of a sequential run");
            }
        }

        foreach (var (partition, committed) in _broker.Committed)
        {
            if (committed > _broker.End(partition))
            {
                throw new SimulationException(_world, $"partition {partition}: committed {committed}, its end is {_broker.End(partition)}");
            }
        }
    }

    /// <summary>The oracle: every record once, in order, and nothing ever fails.</summary>
    private (Dictionary<string, string> Results, HashSet<(int, long)> Letters, Dictionary<string, byte[]> States) Sequential()
    {
        var results = new Dictionary<string, string>();
        var letters = new HashSet<(int, long)>();
        var processors = new Dictionary<string, HistoryProcessor>();
        for (var partition = 0; partition < plan.Partitions; partition++)
        {
            foreach (var record in _broker.Source(partition))
            {
                var text = Encoding.UTF8.GetString(record.Message.Value!);
                if (text[0] is '!' or HistoryProcessor.Broken or HistoryProcessor.Refused)
                {
                    letters.Add((partition, record.Offset.Value));
                    continue;
                }

                var key = Encoding.UTF8.GetString(record.Message.Key!);
                if (!processors.TryGetValue(key, out var processor))
                {
                    processors[key] = processor = new HistoryProcessor(null);
                }

                var input = new InputRecord(partition, record.Offset.Value, default, "history", record.Message.Value!);
                var output = processor.ApplyAsync([input], CancellationToken.None).AsTask().Result;
                for (var n = 0; n < output.Results.Count; n++)
                {
                    var id = new ResultId(Topics.LiveRun, _broker.Topic, partition, record.Offset.Value, n);
                    results.Add(id.ToString(), Encoding.UTF8.GetString(output.Results[n].Data));
                }
            }
        }

        return (results, letters, processors.ToDictionary(pair => pair.Key, pair => pair.Value.SaveState()));
    }
}
