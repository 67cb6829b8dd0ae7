using Microsoft.Extensions.Logging;
using Orleans.Placement;
using Orleans.Serialization;
using Streams.Grains.Partitions;
using Streams.Schemas.Processing;

namespace Streams.Grains.Processing;

/// <summary>The grain around a <see cref="PartitionStreams"/>.</summary>
// In the process that reads the partition.
[PreferLocalPlacement]
internal sealed class PartitionGrain(
    IStreamStates states, IRunProcessors processors, Serializer<StreamState> serializer, ILogger<PartitionGrain> logger) : Grain, IPartitionGrain
{
    private StreamKey _partition;
    private PartitionStreams _streams = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _partition = StreamKey.Parse(this.GetPrimaryKeyString());
        _streams = new PartitionStreams(_partition.Run, _partition.Topic, states, new OrleansStateFormat(serializer), logger);
        return Task.CompletedTask;
    }

    // The factory is asked for each time: a run that was deleted may come again with other settings.
    public async Task<KeyReply[]> ApplyAsync(PartitionBatch batch) =>
        await _streams.ApplyAsync(batch, await processors.ForAsync(_partition.Run, _partition.Topic));
}
