using Streams.Processors.ModeEstimation.Stopping;

namespace Streams.Processors.ModeEstimation.Pairs;

/// <summary>
/// Leader betting (<see cref="LeaderBettingRule"/> or <see cref="PooledBettingRule"/>) on the counts of the bins. A sample is compared with every bin that is left until
/// one matches, so those bins carry the counts that queries for labels would give, and a claim given up keeps its wealth.
/// </summary>
internal sealed class BettingElimination(IStoppingRule rule) : IPairElimination
{
    public string Stated => rule.Stated;

    public bool IsUnseenOut => rule.IsOut(int.MaxValue);

    public bool InfersLast => true;

    public long? LeaderNeeded => rule.LeaderNeeded;

    public double LogEValue => rule.LogEValue;

    public double PValue => rule.PValue;

    public bool IsOut(int bin) => rule.IsOut(bin);

    public void Counted(int bin)
    {
        if (bin != PairModeEstimator.NoBin)
        {
            rule.Counted(bin);
        }
    }

    public void Save(BinaryWriter writer) => rule.Save(writer);

    public void Restore(BinaryReader reader) => rule.Restore(reader);
}
