using Microsoft.Extensions.Logging;
using Streams.Grains.Partitions;
using Streams.Schemas.Processing;

namespace Streams.Grains.Processing;

/// <summary>
/// Turns one key's records into results with an <see cref="IRecordProcessor"/>, exactly once in effect: the offsets applied, the processor's
/// state and the results lie in one stored record that is written by compare-and-swap. The grain around it adds addressing and one call at a
/// time; the simulation of the tests adds faults.
/// </summary>
/// <param name="key">Which stream.</param>
/// <param name="state">The stored record. Just read when this object is made.</param>
/// <param name="leases">Who owns the partitions.</param>
/// <param name="factory">Makes the processor.</param>
/// <param name="compute">Runs the processor where a long computation does no harm.</param>
/// <param name="logger">For failures.</param>
internal sealed class KeyedStream(
    StreamKey key,
    IPersistentState<StreamState> state,
    IPartitionLeases leases,
    Func<IRecordProcessorFactory> factory,
    KeyedStream.Compute compute,
    ILogger logger)
{
    public delegate Task<(ProcessorOutput Output, byte[] State)> Compute(IRecordProcessor processor, IReadOnlyList<InputRecord> records);

    // By partition: the lease that was in force after memory was last read from the store. Under another lease, memory may be ahead of a
    // store that lost its last writes, and is read again.
    private readonly Dictionary<int, string> _verified = [];
    private IRecordProcessor? _processor;

    // After a failed call, memory may be ahead of the stored record or behind it.
    private bool _inDoubt;

    public async Task<ApplyReply> ApplyAsync(RecordBatch batch)
    {
        await VerifyAsync(batch);
        var progress = state.State.FenceBy(key, batch.Partition, batch.Epoch);
        if (progress.Fresh(batch.Records) is { Length: > 0 } fresh)
        {
            await ApplyFreshAsync(batch, fresh);
        }

        return state.State.ReplyTo(batch.Partition, batch.Records);
    }

    /// <summary>
    /// Makes sure that what is in memory is what the store has, in the incarnation in which the caller's lease was taken. First the state is
    /// read, then the lease is checked: a store that lost writes in between fails the check.
    /// </summary>
    private async Task VerifyAsync(RecordBatch batch)
    {
        if (!_inDoubt && _verified.TryGetValue(batch.Partition, out var lease) && lease == batch.Lease)
        {
            return;
        }

        // The very first call finds the record as the activation has just read it.
        if (_inDoubt || _verified.Count > 0)
        {
            _processor = null;
            // What other partitions' leases vouched for was the memory that is given up here.
            _verified.Clear();
            _inDoubt = true;
            await state.ReadStateAsync();
        }

        _inDoubt = true;
        await leases.VerifyAsync(key.Run, key.Topic, batch.Partition, batch.Epoch, batch.Lease);
        _verified[batch.Partition] = batch.Lease;
        _inDoubt = false;
    }

    private async Task ApplyFreshAsync(RecordBatch batch, InputRecord[] fresh)
    {
        using var activity = GrainActivities.StartApply(key, batch);
        try
        {
            _inDoubt = true;
            var (output, saved) = await ProcessAsync(fresh);

            state.State.Take(key, batch.Partition, batch.Records[0].Offset, fresh, output, saved);
            state.State.Fence = new PartitionFence(key.Run, key.Topic, batch.Partition, batch.Epoch, batch.Lease);
            using (GrainActivities.StartWrite(key.Topic))
            {
                await state.WriteStateAsync();
            }

            activity?.SetTag("streams.results", output.Results.Count);
            _inDoubt = false;
        }
        catch (Exception e)
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, e.Message);
            logger.ApplyFailed(key.ToString(), batch.Partition, fresh[0].Offset, e);
            throw;
        }
    }

    private async Task<(ProcessorOutput Output, byte[] State)> ProcessAsync(IReadOnlyList<InputRecord> records)
    {
        using var activity = GrainActivities.StartCompute(key.Topic);
        return await ProcessAsync(key, async () =>
        {
            _processor ??= factory().Create(key.Key, state.State.Processor);
            return await compute(_processor, records);
        });
    }

    /// <summary>Runs <paramref name="process"/> and says whose fault it was when it fails.</summary>
    internal static async Task<(ProcessorOutput Output, byte[] State)> ProcessAsync(StreamKey key, Func<Task<(ProcessorOutput Output, byte[] State)>> process)
    {
        try
        {
            return await process();
        }
        catch (StateFormatException e)
        {
            throw new StateUnreadableException($"{key}: {e.Message}");
        }
        catch (Exception e) when (!IsTransient(e))
        {
            throw new ProcessingFailedException(e.GetType().Name, e.Message);
        }
    }

    /// <summary>Nothing is wrong with the records: the processor is not to be had at the moment.</summary>
    private static bool IsTransient(Exception e) =>
        e is ProcessorUnavailableException or OperationCanceledException or TimeoutException or OutOfMemoryException or ObjectDisposedException;
}
