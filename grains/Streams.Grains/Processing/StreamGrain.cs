using Microsoft.Extensions.Logging;
using Orleans.Placement;
using Streams.Grains.Outbox;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Grains.Processing;

/// <summary>
/// Turns records into results with an <see cref="IRecordProcessor"/>, exactly once in effect: the offsets applied, the processor's state
/// and the results lie in one stored record. A crash can repeat a publish, never change or lose one.
/// </summary>
// Frames are large and live in the process that read them.
[PreferLocalPlacement]
internal sealed class StreamGrain(
    [PersistentState("stream", StreamsStorage.Name)] IPersistentState<StreamState> state,
    IEnumerable<IRecordProcessorFactory> factories,
    IResultPublisher publisher,
    ILogger<StreamGrain> logger) : Grain, IStreamGrain
{
    private StreamKey _key;
    private IRecordProcessor? _processor;

    // After a failed apply or write, memory may be ahead of the stored record: the next call reads it again first.
    private bool _aheadOfStore;

    // The stored record still holds results that are acknowledged and gone from memory.
    private bool _outboxAcknowledged;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = StreamKey.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<RejectedRecord[]> ApplyAsync(RecordBatch batch)
    {
        if (_aheadOfStore)
        {
            await state.ReadStateAsync();
            _aheadOfStore = false;
        }

        var progress = Fence(batch);
        // A former activation may have stored results and died before they were acknowledged.
        await PublishOutboxAsync();

        var fresh = batch.Records.Where(record => record.Offset >= progress.NextOffset).ToArray();
        if (fresh.Length > 0)
        {
            await ApplyFreshAsync(batch, progress, fresh);
            await PublishOutboxAsync();
        }

        var offsets = batch.Records.Select(record => record.Offset).ToHashSet();
        return [.. progress.Rejected.Where(rejected => offsets.Contains(rejected.Offset))];
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // Saves the next activation from publishing again what is acknowledged. Not needed for correctness.
        if (_outboxAcknowledged && !_aheadOfStore && reason.ReasonCode is DeactivationReasonCode.ShuttingDown or DeactivationReasonCode.ActivationIdle)
        {
            await state.WriteStateAsync(cancellationToken);
        }
    }

    private PartitionProgress Fence(RecordBatch batch)
    {
        if (!state.State.Partitions.TryGetValue(batch.Partition, out var progress))
        {
            state.State.Partitions[batch.Partition] = progress = new PartitionProgress();
        }

        if (batch.Epoch < progress.Epoch)
        {
            throw new StaleEpochException($"{_key} partition {batch.Partition}", batch.Epoch, progress.Epoch);
        }

        progress.Epoch = batch.Epoch;
        return progress;
    }

    private async Task ApplyFreshAsync(RecordBatch batch, PartitionProgress progress, RecordMessage[] fresh)
    {
        try
        {
            _processor ??= Factory().Create(_key.Key, state.State.Processor);
            var (output, saved) = await ComputeAsync(_processor, [.. fresh.Select(record => ToInput(batch.Partition, record))]);

            state.State.Processor = saved;
            state.State.Outbox = ToOutbox(output.Results, fresh);
            progress.NextOffset = fresh[^1].Offset + 1;
            // Refusals of offsets before this batch have been dead-lettered: the pump sends a later batch only after that.
            progress.Rejected = [
                .. progress.Rejected.Where(rejected => rejected.Offset >= batch.Records[0].Offset),
                .. output.Rejections.Select(rejection => new RejectedRecord(rejection.Offset, rejection.Reason))];
            await state.WriteStateAsync();
            _outboxAcknowledged = false;
        }
        catch (Exception e)
        {
            _processor = null;
            _aheadOfStore = true;
            logger.ApplyFailed(_key.ToString(), batch.Partition, fresh[0].Offset, e);
            throw;
        }
    }

    /// <summary>
    /// Learning a graph takes tenths of a second. It runs on the thread pool, so that Orleans' few threads stay free for turns of
    /// milliseconds; the grain takes no other call meanwhile.
    /// </summary>
    private static Task<(ProcessorOutput Output, byte[] State)> ComputeAsync(IRecordProcessor processor, IReadOnlyList<InputRecord> records) =>
        Task.Factory.StartNew(
            async () => (await processor.ApplyAsync(records, CancellationToken.None), processor.SaveState()),
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default).Unwrap();

    private async Task PublishOutboxAsync()
    {
        if (state.State.Outbox.Count == 0)
        {
            return;
        }

        await publisher.PublishAsync(state.State.Outbox, CancellationToken.None);
        state.State.Outbox = [];
        _outboxAcknowledged = true;
    }

    private IRecordProcessorFactory Factory() =>
        factories.FirstOrDefault(factory => factory.Topic == _key.Topic)
        ?? throw new InvalidOperationException($"No processor reads topic '{_key.Topic}'; register an {nameof(IRecordProcessorFactory)} for it");

    private static InputRecord ToInput(int partition, RecordMessage record) =>
        new(partition, record.Offset, record.EventTime, record.EventType, record.Payload, record.Published);

    private List<OutboxResult> ToOutbox(IReadOnlyList<ResultDraft> drafts, RecordMessage[] records)
    {
        var published = records.ToDictionary(record => record.Offset, record => record.Published);
        var numbers = new Dictionary<long, int>();
        var results = new List<OutboxResult>(drafts.Count);
        foreach (var draft in drafts)
        {
            numbers[draft.Offset] = numbers.TryGetValue(draft.Offset, out var n) ? ++n : n = 0;
            var id = new ResultId(_key.Run, _key.Topic, draft.Partition, draft.Offset, n);
            results.Add(new OutboxResult(id.ToString(), _key.Run, draft.Topic, _key.Key, draft.Time, draft.Type, draft.Data, published.GetValueOrDefault(draft.Offset)));
        }

        return results;
    }
}
