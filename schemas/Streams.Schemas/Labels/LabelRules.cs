namespace Streams.Schemas.Labels;

/// <summary>
/// Stopping rules that a <see cref="LabelTask"/> may choose. Each keeps the probability of a wrong mode within Delta.
/// 1v1: the leader against each other label; 1vr: each label against the rest.
/// </summary>
public static class LabelRules
{
    /// <summary>A1 (Shah et al., AAAI 2020): empirical Bernstein bounds, each label against the rest. Six to ten times the labels of the others.</summary>
    public const string Bernstein = "a1";

    /// <summary>A1-1v1 (Jain et al., AISTATS 2022): the same bounds on the labels of a pair.</summary>
    public const string BernsteinPairs = "a1-1v1";

    /// <summary>PPR-1v1 (Jain et al.): prior-posterior ratio of the leader against the runner-up.</summary>
    public const string Ppr = "ppr-1v1";

    /// <summary>PPR-1vr (Jain et al.): prior-posterior confidence sets, each label against the rest.</summary>
    public const string PprRest = "ppr-1vr";

    /// <summary>KLSN-1v1: Kullback-Leibler bounds for self-normalised averages (Garivier 2013), as Jain et al. compare with.</summary>
    public const string KullbackLeibler = "klsn-1v1";

    /// <summary>OS-1v1: PPR-1v1 with a prior on the half in which the leader leads; a tenth fewer labels.</summary>
    public const string OneSided = "os-1v1";

    /// <summary>OS-rank: OS-1v1 for a number of labels that nobody knows; a label pays for how late it was first seen.</summary>
    public const string OneSidedRank = "os-rank";

    /// <summary>Leader betting: rejects one label after the other at level Delta each, with no price for the number of labels; fewest labels where the leader is clear.</summary>
    public const string LeaderBetting = "leader-betting";

    /// <summary>Leader betting with a prior that expects near ties too; fewest labels where the leader is not clear, which is where labels are dear. The default.</summary>
    public const string LeaderBettingMix = "leader-betting-mix";

    /// <summary>Leader betting that shrinks a rival's count towards the mean of those left: fewest labels where several rivals are nearly level; a fifth more where the second is nearly level with the first. 8 bytes of state a label.</summary>
    public const string LeaderBettingPooled = "leader-betting-pooled";

    /// <summary>Leader betting on samples that come with weights or as probability vectors; names the label of the largest mean weight. For tasks without a pool.</summary>
    public const string WeightedBetting = "weighted-betting";

    /// <summary>The rule of a task that names none.</summary>
    public const string Default = LeaderBettingMix;

    /// <summary>Every rule that counts whole labels: all but <see cref="WeightedBetting"/>.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Bernstein, BernsteinPairs, Ppr, PprRest, KullbackLeibler, OneSided, OneSidedRank, LeaderBetting, LeaderBettingMix, LeaderBettingPooled];
}
