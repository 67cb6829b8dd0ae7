using Microsoft.Extensions.Logging;
using Orleans.Placement;
using Streams.Grains.Partitions;
using Streams.Schemas.Processing;

namespace Streams.Grains.Processing;

/// <summary>The grain around a <see cref="KeyedStream"/>.</summary>
// Frames are large and live in the process that read them.
[PreferLocalPlacement]
internal sealed class StreamGrain(
    [PersistentState("stream", StreamsStorage.Name)] IPersistentState<StreamState> state,
    IRunProcessors processors,
    IPartitionLeases leases,
    ILogger<StreamGrain> logger) : Grain, IStreamGrain
{
    private KeyedStream _stream = null!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = StreamKey.Parse(this.GetPrimaryKeyString());
        var factory = await processors.ForAsync(key.Run, key.Topic);
        _stream = new KeyedStream(key, state, leases, () => factory, ComputeAsync, logger);
    }

    public Task<ApplyReply> ApplyAsync(RecordBatch batch) => _stream.ApplyAsync(batch);

    public async Task ForgetAsync()
    {
        await state.ClearStateAsync();
        DeactivateOnIdle();
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
}
