using Streams.Processors.ModeEstimation.Stopping;
using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Pairs;

/// <summary>Finds an elimination by its name in <see cref="LabelTask"/>.</summary>
internal static class PairEliminations
{
    public static IPairElimination Create(string? name, int labels, double delta, TopTwo counts) => name switch
    {
        null or PairRules.LeaderBetting => new BettingElimination(new LeaderBettingRule(BettingPrior.Uniform, labels, delta, counts)),
        PairRules.LeaderBettingMix => new BettingElimination(new LeaderBettingRule(BettingPrior.Mixture, labels, delta, counts)),
        PairRules.LeaderBettingPooled => new BettingElimination(new PooledBettingRule(labels, delta, counts)),
        PairRules.Ppr => new EvidenceElimination(PairPrior.Whole, labels, delta, counts),
        PairRules.OneSided => new EvidenceElimination(PairPrior.UpperHalf, labels, delta, counts),
        PairRules.EmpiricalBernstein => new EmpiricalBernsteinElimination(labels, delta, counts),
        _ => throw new ArgumentException($"'{name}' is no rule of pair queries; give one of {string.Join(", ", PairRules.All)}", nameof(name)),
    };
}
