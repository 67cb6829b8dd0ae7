namespace Streams.Schemas.Labels;

/// <summary>How a <see cref="LabelTask"/> of query model <see cref="QueryModels.Pairs"/> rejects labels. Each keeps the probability of a wrong mode within Delta.</summary>
public static class PairRules
{
    /// <summary>Leader betting: rejects one label after the other at level Delta each, with no price for the number of labels. The default.</summary>
    public const string LeaderBetting = LabelRules.LeaderBetting;

    /// <summary>The same, betting on three priors at once: up to a fifth fewer queries where labels are nearly tied or many, up to a tenth more where one is far ahead.</summary>
    public const string LeaderBettingMix = LabelRules.LeaderBettingMix;

    /// <summary>The same, with each label's count shrunk towards the mean of those left: fewest queries where several are nearly level behind the leader.</summary>
    public const string LeaderBettingPooled = LabelRules.LeaderBettingPooled;

    /// <summary>PPR-1v1 (Jain et al., AISTATS 2022): prior-posterior ratio of the leader against each label, at level Delta/(K-1).</summary>
    public const string Ppr = LabelRules.Ppr;

    /// <summary>OS-1v1: the same with a prior on the half in which the leader leads.</summary>
    public const string OneSided = LabelRules.OneSided;

    /// <summary>Algorithm 2 of Shah et al. (AAAI 2020): empirical Bernstein bounds of the labels' shares. Needs about ten times the queries; for comparison.</summary>
    public const string EmpiricalBernstein = "a2";

    /// <summary>Every rule.</summary>
    public static IReadOnlyList<string> All { get; } = [LeaderBetting, LeaderBettingMix, LeaderBettingPooled, Ppr, OneSided, EmpiricalBernstein];
}
