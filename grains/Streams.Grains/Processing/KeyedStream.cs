using Microsoft.Extensions.Logging;
using Streams.Grains.Outbox;
using Streams.Grains.Partitions;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

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
        var progress = Fence(batch);
        var applied = Array.FindIndex(batch.Records, record => record.Offset >= progress.NextOffset);
        if (applied >= 0)
        {
            await ApplyFreshAsync(batch, progress, applied == 0 ? batch.Records : batch.Records[applied..]);
        }

        if (progress.Rejected.Count == 0 && state.State.Outbox.Count == 0)
        {
            return ApplyReply.Empty;
        }

        var offsets = batch.Records.Select(record => record.Offset).ToHashSet();
        return new ApplyReply(
            [.. progress.Rejected.Where(rejected => offsets.Contains(rejected.Offset))],
            [.. state.State.Outbox.Where(result => result.Partition == batch.Partition && offsets.Contains(result.Offset))]);
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

    private PartitionProgress Fence(RecordBatch batch)
    {
        if (!state.State.Partitions.TryGetValue(batch.Partition, out var progress))
        {
            state.State.Partitions[batch.Partition] = progress = new PartitionProgress();
        }

        if (batch.Epoch < progress.Epoch)
        {
            throw new StaleEpochException($"{key} partition {batch.Partition}", batch.Epoch, progress.Epoch);
        }

        progress.Epoch = batch.Epoch;
        return progress;
    }

    private async Task ApplyFreshAsync(RecordBatch batch, PartitionProgress progress, InputRecord[] fresh)
    {
        using var activity = GrainActivities.StartApply(key, batch);
        try
        {
            _inDoubt = true;
            var (output, saved) = await ProcessAsync(fresh);

            state.State.Processor = saved;
            // The caller has published what was here: it sends a later batch only after that. What another partition's caller has not published
            // yet stays.
            state.State.Outbox = [
                .. state.State.Outbox.Where(result => result.Partition != batch.Partition || result.Offset >= batch.Records[0].Offset),
                .. ToOutbox(output.Results, fresh)];
            progress.NextOffset = fresh[^1].Offset + 1;
            // The same for refusals and their dead letters.
            progress.Rejected = [
                .. progress.Rejected.Where(rejected => rejected.Offset >= batch.Records[0].Offset),
                .. output.Rejections.Select(rejection => new RejectedRecord(rejection.Offset, rejection.Reason))];
            state.State.Fence = new PartitionFence(key.Run, key.Topic, batch.Partition, batch.Epoch, batch.Lease);
            using (GrainActivities.StartWrite(key))
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
        using var activity = GrainActivities.StartCompute(key);
        try
        {
            _processor ??= factory().Create(key.Key, state.State.Processor);
            return await compute(_processor, records);
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

    private List<OutboxResult> ToOutbox(IReadOnlyList<ResultDraft> drafts, InputRecord[] records)
    {
        if (drafts.Count == 0)
        {
            return [];
        }

        var published = records.ToDictionary(record => record.Offset, record => record.Published);
        var numbers = new Dictionary<long, int>();
        var results = new List<OutboxResult>(drafts.Count);
        foreach (var draft in drafts)
        {
            numbers[draft.Offset] = numbers.TryGetValue(draft.Offset, out var n) ? ++n : n = 0;
            var id = new ResultId(key.Run, key.Topic, draft.Partition, draft.Offset, n);
            results.Add(new OutboxResult(
                id.ToString(), key.Run, draft.Topic, key.Key, draft.Time, draft.Type, draft.Data, published.GetValueOrDefault(draft.Offset), draft.Partition, draft.Offset));
        }

        return results;
    }
}
