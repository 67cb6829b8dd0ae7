using Streams.Processors.ModeEstimation.Stopping;

namespace Streams.Processors.ModeEstimation.Scale;

/// <summary>The claims of <see cref="PooledBettingRule"/> for the keys of a store: a wealth a label and one for those that have not come, by the same arithmetic.</summary>
/// <param name="labels">K.</param>
/// <param name="delta">Accepted probability of error.</param>
/// <param name="counts">Counts and wealth of the keys' labels.</param>
internal sealed class StoredBets(int labels, double delta, CountBlocks counts)
{
    private readonly double _enough = LeaderBettingRule.Threshold(delta);

    /// <summary>By number of the key: the wealth against labels that have not come.</summary>
    private readonly ChunkedArray<double> _unseen = new();

    /// <summary>Makes room for the next key.</summary>
    public void Open() => _unseen[_unseen.Take(1)] = 1;

    /// <summary>What a label begins with that comes for the first time.</summary>
    public double Unseen(int key) => _unseen[key];

    /// <summary>The label at place <paramref name="at"/> has come; it is not counted yet.</summary>
    public void Bet(in CountBlock block, int key, int leader, int at)
    {
        var occurrences = counts.Of(block);
        var wealth = counts.WealthOf(block);
        var lead = occurrences[leader].Occurrences;
        if (lead == 0)
        {
            return;
        }

        var (rivals, sum) = (0, 0L);
        for (var i = 0; i < occurrences.Length; i++)
        {
            if (i != leader && !IsOut(wealth[i]) && occurrences[i].Occurrences > 0)
            {
                (rivals, sum) = (rivals + 1, sum + occurrences[i].Occurrences);
            }
        }

        if (at != leader)
        {
            wealth[at] *= IsOut(wealth[at]) ? 1 : 2 - PooledBet.Gain(lead, occurrences[at].Occurrences, rivals, sum);
            return;
        }

        for (var i = 0; i < occurrences.Length; i++)
        {
            wealth[i] *= i == leader || IsOut(wealth[i]) ? 1 : PooledBet.Gain(lead, occurrences[i].Occurrences, rivals, sum);
        }

        _unseen[key] *= IsOut(_unseen[key]) ? 1 : PooledBet.Gain(lead, 0, rivals, sum);
    }

    /// <summary>Whether one label is left at most, and none that may yet come.</summary>
    public bool IsDecided(in CountBlock block, int key)
    {
        var left = 0;
        foreach (var wealth in counts.WealthOf(block))
        {
            left += IsOut(wealth) ? 0 : 1;
        }

        return left <= 1 && (block.Labels >= labels || IsOut(_unseen[key]));
    }

    /// <summary>Place of the first label that is left; null when none is.</summary>
    public int? Left(in CountBlock block)
    {
        var wealth = counts.WealthOf(block);
        for (var at = 0; at < wealth.Length; at++)
        {
            if (!IsOut(wealth[at]))
            {
                return at;
            }
        }

        return null;
    }

    /// <summary>Writes the claims as the rule does, by number of the label.</summary>
    public void SaveAsRule(BinaryWriter writer, in CountBlock block, int key, int last)
    {
        var wealth = new double[last + 1];
        Array.Fill(wealth, _unseen[key]);
        var occurrences = counts.Of(block);
        for (var at = 0; at < occurrences.Length; at++)
        {
            wealth[occurrences[at].Label] = counts.WealthOf(block)[at];
        }

        PooledBettingRule.Save(writer, wealth, _unseen[key]);
    }

    public void Save(BinaryWriter writer, in CountBlock block, int key)
    {
        writer.Write(_unseen[key]);
        foreach (var wealth in counts.WealthOf(block))
        {
            writer.Write(wealth);
        }
    }

    public void Restore(BinaryReader reader, in CountBlock block, int key)
    {
        _unseen[key] = reader.ReadDouble();
        foreach (ref var wealth in counts.WealthOf(block))
        {
            wealth = reader.ReadDouble();
        }
    }

    private bool IsOut(double wealth) => wealth >= _enough;
}
