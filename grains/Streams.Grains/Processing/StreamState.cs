using System.Text.Json.Serialization;
using Streams.Grains.Outbox;
using Streams.Grains.Partitions;

namespace Streams.Grains.Processing;

/// <summary>
/// All that one key's grain knows, stored as one record in one compare-and-swap, so that offsets, processor state, results and
/// refusals can never disagree after a crash.
/// </summary>
[GenerateSerializer]
internal sealed class StreamState : IFencedState
{
    /// <summary>By source partition: the newest owner's epoch and the next offset to apply.</summary>
    [Id(0)]
    public Dictionary<int, PartitionProgress> Partitions { get; set; } = [];

    /// <summary>The processor's own bytes; null before the first record.</summary>
    [Id(1)]
    public byte[]? Processor { get; set; }

    /// <summary>Results of the last batch of each partition, which may not be on the results topics yet.</summary>
    [Id(2)]
    public List<OutboxResult> Outbox { get; set; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    [field: NonSerialized]
    public PartitionFence? Fence { get; set; }
}

/// <summary>Where one key stands in one partition.</summary>
[GenerateSerializer]
internal sealed class PartitionProgress
{
    [Id(0)]
    public long Epoch { get; set; }

    [Id(1)]
    public long NextOffset { get; set; }

    /// <summary>
    /// Records refused since the last batch that was taken whole. A pump that crashed before their dead letters were acknowledged reads them
    /// again and must be told again, though they count as applied.
    /// </summary>
    [Id(2)]
    public List<RejectedRecord> Rejected { get; set; } = [];
}
