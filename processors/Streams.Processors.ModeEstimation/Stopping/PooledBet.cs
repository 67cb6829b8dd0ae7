namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// What <see cref="PooledBettingRule"/> bets on the leader against a rival, from the counts before the label: theta = (a + c)/(a + b' + 2c), the mean of
/// a Beta(c, c) prior after a labels of the leader and b' of the rival. b' is the rival's count shrunk towards the mean of the rivals left, as in empirical
/// Bayes (James and Stein): of many rivals that are level the luckiest one is taken for what it is.
/// </summary>
internal static class PooledBet
{
    /// <summary>c.</summary>
    private const double Prior = 2;

    /// <summary>As many labels of its own weigh as much for a rival's count as the other rivals' mean.</summary>
    private const double Pool = 20;

    /// <summary>2 theta, from 1 to below 2: what a claim's wealth is multiplied by when the leader comes. 2 less this when its own label comes.</summary>
    /// <param name="lead">Labels of the leader.</param>
    /// <param name="count">Labels of the rival, no more.</param>
    /// <param name="rivals">Labels seen that are left, without the leader.</param>
    /// <param name="sum">What they have come together.</param>
    public static double Gain(long lead, long count, int rivals, long sum)
    {
        // A label that has not come is in no company: it must be out before a label can be named, so nothing is to be learnt from the others for it.
        var rival = count == 0 || rivals < 2 ? count : (((double)count * count) + (Pool * sum / rivals)) / (count + Pool);
        return Math.Max(1, 2 * (lead + Prior) / (lead + rival + (2 * Prior)));
    }
}
