using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>A one-versus-one rule: it stops when the evidence of the leader against the runner-up reaches (K-1)/delta.</summary>
/// <param name="Name">As in <see cref="LabelTask.Rule"/>.</param>
/// <param name="OneSided">
/// The prior over the leader's share theta of the pair: uniform on [0, 1] (PPR-1v1 of Jain et al., AISTATS 2022),
/// or uniform on [1/2, 1], which wastes no belief on worlds in which the leader is not the mode (OS-1v1).
/// </param>
internal sealed record StoppingRule(string Name, bool OneSided)
{
    /// <summary>Raised whenever the same labels could lead to another outcome, so that a stored result says how it was made.</summary>
    private const int Version = 1;

    public static StoppingRule Ppr { get; } = new(LabelRules.Ppr, OneSided: false);

    public static StoppingRule OneSidedPrior { get; } = new(LabelRules.OneSided, OneSided: true);

    /// <summary>Name and version, as results state it.</summary>
    public string Stated => $"{Name}/{Version}";

    public static StoppingRule Of(string? name) => name switch
    {
        null or LabelRules.Ppr => Ppr,
        LabelRules.OneSided => OneSidedPrior,
        _ => throw new ArgumentException($"'{name}' is no stopping rule; give one of {string.Join(", ", LabelRules.All)}", nameof(name)),
    };
}
