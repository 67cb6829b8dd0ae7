using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>Finds a rule by its name in <see cref="LabelTask"/>.</summary>
internal static class StoppingRules
{
    public static IStoppingRule Create(string? name, int labels, double delta, TopTwo counts) => name switch
    {
        null or LabelRules.Ppr => new PairRule(PairPrior.Whole, labels, delta, counts),
        LabelRules.OneSided => new PairRule(PairPrior.UpperHalf, labels, delta, counts),
        LabelRules.LeaderBetting => new LeaderBettingRule(labels, delta, counts),
        _ => throw new ArgumentException($"'{name}' is no stopping rule; give one of {string.Join(", ", LabelRules.All)}", nameof(name)),
    };
}
