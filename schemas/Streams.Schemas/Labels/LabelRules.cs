namespace Streams.Schemas.Labels;

/// <summary>Stopping rules that a <see cref="LabelTask"/> may choose. Each keeps the probability of a wrong mode within Delta.</summary>
public static class LabelRules
{
    /// <summary>PPR-1v1 (Jain et al., AISTATS 2022): prior-posterior ratio of the leader against the runner-up. The default.</summary>
    public const string Ppr = "ppr-1v1";

    /// <summary>OS-1v1: the same with a prior on the half in which the leader leads; a tenth fewer labels.</summary>
    public const string OneSided = "os-1v1";

    /// <summary>Leader betting: rejects one label after the other at level Delta each, with no price for the number of labels; fewest labels.</summary>
    public const string LeaderBetting = "leader-betting";

    /// <summary>Every rule.</summary>
    public static IReadOnlyList<string> All { get; } = [Ppr, OneSided, LeaderBetting];
}
