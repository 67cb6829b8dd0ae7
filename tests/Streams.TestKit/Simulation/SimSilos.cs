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
    private readonly Dictionary<string, Activation> _directory = [];

    // Every activation that there was, those included that the directory has lost sight of.
    private readonly Dictionary<string, List<Activation>> _activations = [];
    private readonly HistoryProcessorFactory _factory = new();

    /// <summary>How often the directory has forgotten where a grain is, so that it gets a second activation.</summary>
    public double RaceRate { get; set; }

    /// <inheritdoc cref="SimulationPlan.SharesGrains"/>
    public bool SharesGrains { get; set; }

    public void Add(SimProcess silo) => _silos.Add(silo);

    /// <summary>The directory forgets every activation; those that live go on serving the calls that they have.</summary>
    public void ForgetAll() => _directory.Clear();

    /// <summary>A call from <paramref name="caller"/>.</summary>
    public async Task<ApplyReply> CallAsync(SimProcess caller, StreamKey key, RecordBatch batch)
    {
        var answer = new TaskCompletionSource<ApplyReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        var name = key.ToString();
        if (!_directory.TryGetValue(name, out var activation) || !activation.IsValid || world.Happens(RaceRate))
        {
            // A caller whose own directory is out of date finds one that another call has left behind.
            var former = _activations.GetValueOrDefault(name, []).Where(known => known.IsValid && known.Silo.IsAlive).ToList();
            _directory[name] = activation = former.Count > 0 && world.Happens(0.5)
                ? former[world.Random.Next(former.Count)]
                : Activate(world.Happens(0.8) ? caller : PickSilo(caller), key, name);
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
                var reply = await activation.ApplyAsync(batch);
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

    private Activation Activate(SimProcess silo, StreamKey key, string name)
    {
        var state = new SimCell<StreamState>(store, cursors, points, $"state/{name}");
        var activation = SharesGrains ? new SharedActivation(silo, new SharedStream(key, state, cursors, () => _factory, NullLogger.Instance))
            : (Activation)new OwnActivation(silo, key, state, cursors, _factory);
        if (!_activations.TryGetValue(name, out var known))
        {
            _activations[name] = known = [];
        }

        known.Add(activation);
        return activation;
    }

    private SimProcess PickSilo(SimProcess caller)
    {
        var living = _silos.Where(silo => silo.IsAlive).ToList();
        return living.Count == 0 ? caller : living[world.Random.Next(living.Count)];
    }

    private abstract class Activation(SimProcess silo)
    {
        public SimProcess Silo => silo;

        /// <summary>False once the runtime has dropped it.</summary>
        public bool IsValid { get; protected set; } = true;

        public abstract Task<ApplyReply> ApplyAsync(RecordBatch batch);
    }

    /// <summary>What the grain of a partition has of one key. The runtime sees no failure of it.</summary>
    private sealed class SharedActivation(SimProcess silo, SharedStream stream) : Activation(silo)
    {
        public override Task<ApplyReply> ApplyAsync(RecordBatch batch) => stream.ApplyAsync(batch);
    }

    /// <summary>A key's own grain.</summary>
    private sealed class OwnActivation(SimProcess silo, StreamKey key, SimCell<StreamState> state, SimCursors cursors, HistoryProcessorFactory factory) : Activation(silo)
    {
        private readonly CallSlots _turn = new(1);
        private KeyedStream? _stream;

        public override async Task<ApplyReply> ApplyAsync(RecordBatch batch)
        {
            await _turn.WaitAsync(CancellationToken.None);
            try
            {
                if (!IsValid)
                {
                    throw new TimeoutException("the activation was dropped");
                }

                if (_stream is null)
                {
                    await state.ReadStateAsync();
                    _stream = new KeyedStream(key, state, cursors, () => factory, ComputeAsync, NullLogger.Instance);
                }

                return await _stream.ApplyAsync(batch);
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

        private static async Task<(ProcessorOutput Output, byte[] State)> ComputeAsync(IRecordProcessor processor, IReadOnlyList<InputRecord> records) =>
            (await processor.ApplyAsync(records, CancellationToken.None), processor.SaveState());
    }
}

/// <summary>The sink of one process's pump.</summary>
internal sealed class SimSink(SimSilos silos, SimProcess process) : IRecordSink
{
    public async ValueTask<ApplyOutcome> ApplyAsync(
        PartitionId partition, string key, PartitionLease lease, IReadOnlyList<InputRecord> records, CancellationToken ct)
    {
        var batch = new RecordBatch(
            partition.Partition,
            lease.Epoch,
            lease.Id,
            [.. records]);
        try
        {
            var reply = await silos.CallAsync(process, new StreamKey(partition.Run, partition.Topic, key), batch).WaitAsync(ct);
            return new ApplyOutcome(
                [.. reply.Rejected.Select(record => new Rejection(partition.Partition, record.Offset, record.Reason))],
                [.. reply.Results.Select(result => new ResultMessage(
                    result.Id, result.Run, result.Topic, result.Key, result.Time, result.Type, result.Data, result.Offset, result.SourcePublished))]);
        }
        catch (Streams.Grains.StaleEpochException e)
        {
            throw new Streams.Ingest.StaleEpochException(e.Message);
        }
        catch (Streams.Grains.StoreRolledBackException e)
        {
            throw new Streams.Ingest.StoreRolledBackException(e.Message);
        }
        catch (Streams.Grains.ProcessingFailedException e)
        {
            throw new Streams.Ingest.ProcessingFailedException(e.ExceptionType, e.Message);
        }
    }
}
