using System.ComponentModel.DataAnnotations;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>How a network that is too large for one learner is cut.</summary>
public sealed record PartitionOptions
{
    /// <summary>Most sensors in the core of a block. Time of a learning grows with its square, per sensor.</summary>
    [Range(8, 1_024)]
    public int BlockSize { get; init; } = 256;

    /// <summary>Sensors of other blocks that a block sees besides, those nearest to it: edges between blocks are found there.</summary>
    [Range(0, 1_024)]
    public int Halo { get; init; } = 64;

    /// <summary>Rows before the first cut.</summary>
    [Range(2, 1_000_000)]
    public int StartRows { get; init; } = 512;

    /// <summary>Rows between two cuts.</summary>
    [Range(1, 1_000_000)]
    public int CutEvery { get; init; } = 10_000;

    /// <summary>Strongest partners of each sensor that count when the network is cut.</summary>
    [Range(1, 256)]
    public int Partners { get; init; } = 16;

    /// <summary>Learnings of a new block at the cut.</summary>
    [Range(1, 10_000)]
    public int StartLearnings { get; init; } = 100;
}
