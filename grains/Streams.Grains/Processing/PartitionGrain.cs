using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Storage;
using Streams.Grains.Partitions;
using Streams.Schemas.Processing;

namespace Streams.Grains.Processing;

/// <summary>
/// The grain of a partition. State lies in the same records as that of <see cref="StreamGrain"/>, one of each key; memory keeps those used last.
/// Calls interleave, so that one may write while the next computes; of one key they never overlap.
/// </summary>
[PreferLocalPlacement, Reentrant]
internal sealed class PartitionGrain(
    [FromKeyedServices(StreamsStorage.Name)] IGrainStorage storage, IRunProcessors processors, IPartitionLeases leases, ILogger<PartitionGrain> logger)
    : Grain, IPartitionGrain
{
    // Keys used since the last turn of generations. Those that were not used for a whole generation are read from the store when they come again.
    private const int Generation = 16 * 1024;

    private Dictionary<string, SharedStream> _used = [];
    private Dictionary<string, SharedStream> _usedBefore = [];
    private StreamKey _partition;
    private IRecordProcessorFactory _factory = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _partition = StreamKey.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<KeyReply[]> ApplyAsync(KeyBatch[] batches)
    {
        // Asked each time: a run that was deleted may come again with other settings.
        _factory = await processors.ForAsync(_partition.Run, _partition.Topic);
        return await Task.WhenAll(batches.Select(ApplyAsync));
    }

    private async Task<KeyReply> ApplyAsync(KeyBatch batch)
    {
        try
        {
            return new KeyReply(await StreamOf(batch.Key).ApplyAsync(batch.Batch), null);
        }
        catch (Exception e)
        {
            return new KeyReply(null, e);
        }
    }

    private SharedStream StreamOf(string key)
    {
        if (_used.TryGetValue(key, out var stream))
        {
            return stream;
        }

        if (!_usedBefore.Remove(key, out stream))
        {
            var address = _partition with { Key = key };
            stream = new SharedStream(address, new StoredState(storage, address), leases, () => _factory, logger);
        }

        if (_used.Count == Generation)
        {
            (_usedBefore, _used) = (_used, _usedBefore);
            _used.Clear();
        }

        return _used[key] = stream;
    }
}
