using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>Finds a rule by its name in <see cref="LabelTask"/>.</summary>
internal static class StoppingRules
{
    public static IStoppingRule Create(string? name, int labels, double delta, TopTwo counts) => (name ?? LabelRules.Default) switch
    {
        LabelRules.Bernstein => new BernsteinRule(labels, delta, counts),
        LabelRules.PprRest => new PprRestRule(labels, delta, counts),
        LabelRules.OneSidedRank => new OneSidedRankRule(delta, counts),
        LabelRules.LeaderBetting => new LeaderBettingRule(BettingPrior.Uniform, labels, delta, counts),
        LabelRules.LeaderBettingMix => new LeaderBettingRule(BettingPrior.Mixture, labels, delta, counts),
        LabelRules.LeaderBettingPooled => new PooledBettingRule(labels, delta, counts),
        LabelRules.BernsteinPairs or LabelRules.Ppr or LabelRules.KullbackLeibler or LabelRules.OneSided => new PairRule(name!, labels, delta, counts),
        _ => throw new ArgumentException($"'{name}' is no stopping rule; give one of {string.Join(", ", LabelRules.All)}", nameof(name)),
    };
}
