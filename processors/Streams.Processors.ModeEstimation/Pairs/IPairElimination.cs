namespace Streams.Processors.ModeEstimation.Pairs;

/// <summary>
/// Decides which bins are no longer the mode's. An implementation keeps the probability of rejecting the mode, ever, within delta,
/// whether the mode has a bin or not: labels without a bin are rejected together, as "unseen".
/// </summary>
internal interface IPairElimination
{
    /// <summary>Name and version, as results state it.</summary>
    string Stated { get; }

    /// <summary>Whether every label that has no bin yet is rejected; never taken back.</summary>
    bool IsUnseenOut { get; }

    /// <summary>
    /// Whether the last of the K labels is inferred: a sample that differs from K - 1 of them has the K-th, and nobody is asked. Holds while
    /// all K have bins and none is rejected. The rules that stand for published algorithms ask, as these do.
    /// </summary>
    bool InfersLast { get; }

    /// <summary>Leader count at which every other label is rejected if nothing but the leader's label comes; null when the rule does not tell.</summary>
    long? LeaderNeeded { get; }

    /// <summary>Natural logarithm of the weakest evidence against a label other than the leader's, for reports.</summary>
    double LogEValue { get; }

    /// <summary>Anytime-valid p-value, for reports.</summary>
    double PValue { get; }

    /// <summary>Whether the label of <paramref name="bin"/> is rejected. Not asked again once it was.</summary>
    bool IsOut(int bin);

    /// <summary>Takes note of a sample whose bin has just been counted; <see cref="PairModeEstimator.NoBin"/> if it equals none of those left.</summary>
    void Counted(int bin);

    /// <summary>Writes what the counts alone do not tell.</summary>
    void Save(BinaryWriter writer);

    /// <summary>Reads what <see cref="Save"/> wrote, after the counts were restored.</summary>
    void Restore(BinaryReader reader);
}
