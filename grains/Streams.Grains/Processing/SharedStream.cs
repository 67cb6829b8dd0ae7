using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Streams.Grains.Partitions;
using Streams.Schemas.Processing;

namespace Streams.Grains.Processing;

/// <summary>
/// One key's stream where no grain has the key to itself: read when it is first wanted, one call at a time. A key whose records lie in several
/// partitions has one of these for each; they meet in the store, where the write of whoever read an older record is refused.
/// </summary>
internal sealed class SharedStream(
    StreamKey key, IPersistentState<StreamState> state, IPartitionLeases leases, Func<IRecordProcessorFactory> factory, ILogger logger)
{
    // Each time somebody else has written. Callers repeat what failed, so it need not be endless.
    private const int MaxAttempts = 8;

    private KeyedStream? _stream;
    private Task _last = Task.CompletedTask;

    /// <inheritdoc cref="IStreamGrain.ApplyAsync"/>
    public Task<ApplyReply> ApplyAsync(RecordBatch batch)
    {
        // A caller that gave up waiting may be back before its first call has ended.
        var call = _last.IsCompleted ? ApplyNowAsync(batch) : ApplyAfterAsync(_last, batch);
        _last = call;
        return call;
    }

    private async Task<ApplyReply> ApplyAfterAsync(Task last, RecordBatch batch)
    {
        await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return await ApplyNowAsync(batch);
    }

    private async Task<ApplyReply> ApplyNowAsync(RecordBatch batch)
    {
        if (_stream is null)
        {
            await state.ReadStateAsync();
            _stream = new KeyedStream(key, state, leases, factory, ComputeAsync, logger);
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await _stream.ApplyAsync(batch);
            }
            catch (InconsistentStateException) when (attempt < MaxAttempts)
            {
                // The stream is in doubt now: it reads the record again before it applies the batch to it.
            }
        }
    }

    /// <summary>Where the caller is: a hop to another thread would cost more than the work.</summary>
    private static async Task<(ProcessorOutput Output, byte[] State)> ComputeAsync(IRecordProcessor processor, IReadOnlyList<InputRecord> records) =>
        (await processor.ApplyAsync(records, CancellationToken.None), processor.SaveState());
}
