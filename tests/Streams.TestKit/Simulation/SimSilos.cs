using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;
using Streams.Grains;
using Streams.Grains.Processing;
using Streams.Ingest;
using Streams.Ingest.Pump;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.TestKit.Simulation;

/// <summary>
/// The silos: where each key's grain lives, one call at a time for an activation, calls between processes with answers that are lost or come
/// too late, silos that are dead and not yet known to be, and now and then two activations of one grain.
/// </summary>
internal sealed class SimSilos(SimWorld world, SimStore store, SimCursors cursors, SimPoints points)
{
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DeathNotice = TimeSpan.FromSeconds(3);

    private readonly List<SimProcess> _silos = [];
    private readonly Dictionary<string, AnyActivation> _directory = [];

    // Every activation that there was, those included that the directory has lost sight of.
    private readonly Dictionary<string, List<AnyActivation>> _activations = [];
    private readonly HistoryProcessorFactory _factory = new();

    /// <summary>How often the directory has forgotten where a grain is, so that it gets a second activation.</summary>
    public double RaceRate { get; set; }

    /// <inheritdoc cref="SimulationPlan.SharesGrains"/>
    public bool SharesGrains { get; set; }

    public void Add(SimProcess silo) => _silos.Add(silo);

    /// <summary>The directory forgets every activation; those that live go on serving the calls that they have.</summary>
    public void ForgetAll() => _directory.Clear();

    /// <summary>A call of a key's grain from <paramref name="caller"/>.</summary>
    public Task<ApplyReply> CallAsync(SimProcess caller, StreamKey key, RecordBatch batch) =>
        CallAsync(caller, key.ToString(), activation => activation.ApplyAsync(batch), silo => new Activation(
            silo, new SimCell<StreamState>(store, cursors, points, StateOf(key)), state => new KeyedStream(key, state, cursors, () => _factory, ComputeAsync, NullLogger.Instance)));

    /// <summary>A call of a partition's grain from <paramref name="caller"/>.</summary>
    public Task<KeyReply[]> CallAsync(SimProcess caller, PartitionId partition, PartitionBatch batch) =>
        CallAsync(caller, $"partition {partition}", activation => activation.ApplyAsync(batch), silo => new SharedActivation(
            silo, new PartitionStreams(partition.Run, partition.Topic, new SimStates(store, cursors, points), SimStateFormat.Instance, NullLogger.Instance), _factory));

    /// <summary>Where a key's state lies, whichever grain it is served by.</summary>
    public static string StateOf(StreamKey key) => $"state/{key}";

    private async Task<T> CallAsync<TActivation, T>(SimProcess caller, string name, Func<TActivation, Task<T>> call, Func<SimProcess, TActivation> activate)
        where TActivation : AnyActivation
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_directory.TryGetValue(name, out var activation) || !activation.IsValid || world.Happens(RaceRate))
        {
            // A caller whose own directory is out of date finds one that another call has left behind.
            var former = _activations.GetValueOrDefault(name, []).Where(known => known.IsValid && known.Silo.IsAlive).ToList();
            if (former.Count > 0 && world.Happens(0.5))
            {
                activation = former[world.Random.Next(former.Count)];
            }
            else
            {
                activation = activate(world.Happens(0.8) ? caller : PickSilo(caller));
                Remember(name, activation);
            }

            _directory[name] = activation;
        }

        var host = activation.Silo;
        if (host != caller)
        {
            await world.HopAsync();
        }

        if (!host.IsAlive)
        {
            await Task.Delay(DeathNotice, world.Clock);
            _directory.Remove(name);
            throw new TimeoutException($"{host.Name} is dead");
        }

        _ = host.Start(async () =>
        {
            try
            {
                var reply = await activation.InTurnAsync(() => call((TActivation)activation));
                await world.HopAsync();
                answer.TrySetResult(reply);
            }
            catch (Exception e)
            {
                answer.TrySetException(e);
            }
        });
        await answer.Task.Here().WaitAsync(ResponseTimeout, world.Clock);
        return await answer.Task;
    }

    private void Remember(string name, AnyActivation activation)
    {
        if (!_activations.TryGetValue(name, out var known))
        {
            _activations[name] = known = [];
        }

        known.Add(activation);
    }

    private SimProcess PickSilo(SimProcess caller)
    {
        var living = _silos.Where(silo => silo.IsAlive).ToList();
        return living.Count == 0 ? caller : living[world.Random.Next(living.Count)];
    }

    private static async Task<(ProcessorOutput Output, byte[] State)> ComputeAsync(IRecordProcessor processor, IReadOnlyList<InputRecord> records) =>
        (await processor.ApplyAsync(records, CancellationToken.None), processor.SaveState());

    /// <summary>What the runtime knows of a grain in a silo: one call at a time.</summary>
    private abstract class AnyActivation(SimProcess silo)
    {
        private readonly CallSlots _turn = new(1);

        public SimProcess Silo => silo;

        /// <summary>False once the runtime has dropped it.</summary>
        public bool IsValid { get; private set; } = true;

        public async Task<T> InTurnAsync<T>(Func<Task<T>> call)
        {
            await _turn.WaitAsync(CancellationToken.None);
            try
            {
                return IsValid ? await call() : throw new TimeoutException("the activation was dropped");
            }
            catch (InconsistentStateException)
            {
                IsValid = false;
                throw;
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    /// <summary>A key's own grain.</summary>
    private sealed class Activation(SimProcess silo, SimCell<StreamState> state, Func<SimCell<StreamState>, KeyedStream> make) : AnyActivation(silo)
    {
        private KeyedStream? _stream;

        public async Task<ApplyReply> ApplyAsync(RecordBatch batch)
        {
            if (_stream is null)
            {
                await state.ReadStateAsync();
                _stream = make(state);
            }

            return await _stream.ApplyAsync(batch);
        }
    }

    /// <summary>The grain of a partition.</summary>
    private sealed class SharedActivation(SimProcess silo, PartitionStreams streams, HistoryProcessorFactory factory) : AnyActivation(silo)
    {
        public Task<KeyReply[]> ApplyAsync(PartitionBatch batch) => streams.ApplyAsync(batch, factory);
    }
}

/// <summary>The sink of one process's pump.</summary>
internal sealed class SimSink(SimSilos silos, SimProcess process) : IRecordSink
{
    public bool SharesCalls(string topic) => silos.SharesGrains;

    public async ValueTask<ApplyOutcome> ApplyAsync(
        PartitionId partition, string key, PartitionLease lease, IReadOnlyList<InputRecord> records, CancellationToken ct)
    {
        if (silos.SharesGrains)
        {
            var outcome = (await ApplyAsync(partition, lease, [new KeyedRecords(key, records)], ct))[0];
            return outcome.Outcome ?? throw outcome.Failure!;
        }

        try
        {
            var batch = new RecordBatch(partition.Partition, lease.Epoch, lease.Id, [.. records]);
            return ToOutcome(partition, await silos.CallAsync(process, new StreamKey(partition.Run, partition.Topic, key), batch).WaitAsync(ct));
        }
        catch (Exception e) when (Translate(e) is { } known)
        {
            throw known;
        }
    }

    public async ValueTask<IReadOnlyList<KeyOutcome>> ApplyAsync(
        PartitionId partition, PartitionLease lease, IReadOnlyList<KeyedRecords> keys, CancellationToken ct)
    {
        try
        {
            var batch = new PartitionBatch(partition.Partition, lease.Epoch, lease.Id, [.. keys.Select(key => new KeyBatch(key.Key, [.. key.Records]))]);
            var replies = await silos.CallAsync(process, partition, batch).WaitAsync(ct);
            return Array.ConvertAll(replies, reply => reply.Reply is { } applied
                ? new KeyOutcome(ToOutcome(partition, applied), null)
                : new KeyOutcome(null, Translate(reply.Failure!) ?? reply.Failure));
        }
        catch (Exception e) when (Translate(e) is { } known)
        {
            throw known;
        }
    }

    private static ApplyOutcome ToOutcome(PartitionId partition, ApplyReply reply) => new(
        [.. reply.Rejected.Select(record => new Rejection(partition.Partition, record.Offset, record.Reason))],
        [.. reply.Results.Select(result => new ResultMessage(
            result.Id, result.Run, result.Topic, result.Key, result.Time, result.Type, result.Data, result.Offset, result.SourcePublished))]);

    private static Exception? Translate(Exception e) => e switch
    {
        Streams.Grains.StaleEpochException => new Streams.Ingest.StaleEpochException(e.Message),
        Streams.Grains.StoreRolledBackException => new Streams.Ingest.StoreRolledBackException(e.Message),
        Streams.Grains.ProcessingFailedException failed => new Streams.Ingest.ProcessingFailedException(failed.ExceptionType, e.Message),
        _ => null,
    };
}
