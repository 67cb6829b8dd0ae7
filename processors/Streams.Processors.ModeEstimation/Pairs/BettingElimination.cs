using Streams.Processors.ModeEstimation.Stopping;

namespace Streams.Processors.ModeEstimation.Pairs;

/// <summary>
/// Leader betting (<see cref="LeaderBettingRule"/>) on the counts of the bins. A sample is compared with every bin that is left until
/// one matches, so those bins carry the counts that queries for labels would give, and a claim given up keeps its wealth.
/// </summary>
internal sealed class BettingElimination(BettingPrior prior, int labels, double delta, TopTwo counts) : IPairElimination
{
    private readonly LeaderBettingRule _rule = new(prior, labels, delta, counts);

    public string Stated => _rule.Stated;

    public bool IsUnseenOut => _rule.IsOut(int.MaxValue);

    public bool InfersLast => true;

    public long? LeaderNeeded => _rule.LeaderNeeded;

    public double LogEValue => _rule.LogEValue;

    public double PValue => _rule.PValue;

    public bool IsOut(int bin) => _rule.IsOut(bin);

    public void Counted(int bin)
    {
        if (bin != PairModeEstimator.NoBin)
        {
            _rule.Counted(bin);
        }
    }

    public void Save(BinaryWriter writer) => _rule.Save(writer);

    public void Restore(BinaryReader reader) => _rule.Restore(reader);
}
