using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// Leader betting. Against each label j stands the claim "j is the mode", and a wealth W_j that starts at 1 and bets, before each
/// label, that the current leader comes rather than j: W_j grows by 2 theta when the leader comes, by 2 (1 - theta) when j
/// comes, with theta from 1/2 to 1 fixed beforehand. If j is the mode, W_j is a supermartingale and reaches 1/delta with probability at
/// most delta (Ville); then j is out. The last label left is named. Naming a wrong one takes that the mode is out, a single event, so no
/// union over the labels is paid and K need not be known: all labels not seen yet share one wealth.
/// </summary>
/// <remarks>
/// How theta is found from the counts of leader and rival is <see cref="BettingPrior"/>'s; nothing is bet against the leader itself
/// (theta = 1/2), which costs it nothing while it leads. Which theta is bet is a matter of speed, not of validity, so it may be rounded.
/// The wealth is a double made by multiplications, divisions and additions only, which IEEE 754 rounds the same on every machine;
/// a margin over 1/delta covers the rounding. O(1) a label, O(labels seen) when it is the leader's.
/// Kindred in the literature: adaptively weighted supermartingales of AWAIRE (Ek, Stark, Stuckey, Vukcevic 2023).
/// </remarks>
internal sealed class LeaderBettingRule : IStoppingRule
{
    /// <summary>Far above what 10^9 roundings of 10^-16 can add up to.</summary>
    private const double RoundingMargin = 1e-6;

    private readonly string _name;
    private readonly BettingPrior _prior;
    private readonly int _kinds;
    private readonly double _enough;
    private readonly TopTwo _counts;
    private readonly List<Claim> _claims = [];
    private Claim _unseen;
    private int _leader = -1;

    /// <summary>Count of the leader before the label that is being noted.</summary>
    private long _lead;

    /// <summary>The evidence at level counts of <see cref="_lead"/>: where a leader that is overtaken starts from.</summary>
    private LevelEvidence _level = LevelEvidence.Start;

    private int _left;

    /// <param name="prior">What theta is bet.</param>
    /// <param name="kinds">K, or an upper bound of it: nothing is paid for it.</param>
    /// <param name="delta">Accepted probability of error.</param>
    /// <param name="counts">What is counted.</param>
    public LeaderBettingRule(BettingPrior prior, int kinds, double delta, TopTwo counts)
    {
        _enough = Threshold(delta);
        ArgumentOutOfRangeException.ThrowIfLessThan(kinds, 2);
        _name = prior.IsMixture ? LabelRules.LeaderBettingMix : LabelRules.LeaderBetting;
        _prior = prior;
        _unseen = new Claim(1, prior.Start);
        _kinds = kinds;
        _counts = counts;
    }

    /// <summary>The wealth at which a claim is out.</summary>
    /// <param name="delta">Accepted probability of error.</param>
    public static double Threshold(double delta) => delta is > 0 and < 1
        // Below a delta of 1e-308 the threshold is no longer a double; the largest one stands in for it.
        ? Math.Min((1 + RoundingMargin) / delta, double.MaxValue)
        : throw new ArgumentOutOfRangeException(nameof(delta), delta, "give a probability above 0 and below 1, such as 0.01");

    /// <summary>
    /// The version is raised whenever the same labels could lead to another outcome. Version 2 of leader-betting bets on the first of two labels,
    /// as the mixture always has; with more labels nothing changed.
    /// </summary>
    public string Stated => $"{_name}/{(_kinds == 2 && !_prior.IsMixture ? 2 : 1)}";

    public int? Mode { get; private set; }

    /// <summary>Unseen labels stand in the way only while there may be some.</summary>
    private bool UnseenMatter => _claims.Count < _kinds && !IsOut(_unseen);

    public long LeaderNeeded
    {
        get
        {
            if (Mode is not null)
            {
                return _counts.First;
            }

            if (_leader >= 0 && IsOut(_leader))
            {
                // The last one that is left is named then: it is enough that all others go out.
                var others = Enumerable.Range(0, _claims.Count).Where(label => label != _leader).Select(label => NeededAgainst(_claims[label], _counts.Counts[label]));
                var last = others.OrderDescending().Skip(1).FirstOrDefault(_counts.First);
                return UnseenMatter ? Math.Max(last, NeededAgainst(_unseen, 0)) : last;
            }

            // A claim with more wealth and fewer labels than another goes out before it does: nearly all are passed over for the weakest one's sake.
            var (weakest, most) = (UnseenMatter ? _unseen : _unseen with { Wealth = double.MaxValue }, 0L);
            for (var label = 0; label < _claims.Count; label++)
            {
                if (label != _leader && _claims[label].Wealth < weakest.Wealth)
                {
                    (weakest, most) = (_claims[label], _counts.Counts[label]);
                }
            }

            var needed = NeededAgainst(weakest, most);
            for (var label = 0; label < _claims.Count; label++)
            {
                if (label != _leader && _counts.Counts[label] > most)
                {
                    needed = Math.Max(needed, NeededAgainst(_claims[label], _counts.Counts[label]));
                }
            }

            return needed;
        }
    }

    public double LogEValue => Evidence.Round(Math.Log(WeakestEvidence));

    public double PValue => Evidence.PValue(1, Math.Log(WeakestEvidence));

    private double WeakestEvidence
    {
        get
        {
            var weakest = _claims.Count < _kinds ? _unseen.Wealth : double.MaxValue;
            for (var label = 0; label < _claims.Count; label++)
            {
                weakest = label == (Mode ?? _leader) ? weakest : Math.Min(weakest, _claims[label].Wealth);
            }

            return weakest;
        }
    }

    public bool IsOut(int label) => IsOut(label < _claims.Count ? _claims[label] : _unseen);

    public void Counted(int label)
    {
        // A label with a lower number that has not come yet is one more unseen one: its claim goes the way of the shared one.
        while (_claims.Count <= label)
        {
            _claims.Add(_unseen);
            _left += IsOut(_unseen) ? 0 : 1;
        }

        var count = _counts.Counts[label] - 1;
        if (label == _leader)
        {
            LeaderCame(wins: true);
        }
        else if (_leader >= 0 && count < _lead)
        {
            Replace(label, Lost(_claims[label], count));
        }
        else
        {
            Overtaken(label, count);
        }

        Decide();
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_claims.Count);
        foreach (var claim in _claims.Append(_unseen))
        {
            writer.Write(claim.Wealth);
            _prior.Save(writer, claim.Evidence);
        }
    }

    public void Restore(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            _claims.Add(new Claim(reader.ReadDouble(), _prior.Restore(reader)));
            _left += IsOut(_claims[^1]) ? 0 : 1;
        }

        _unseen = new Claim(reader.ReadDouble(), _prior.Restore(reader));
        _leader = _counts.Leader;
        while (_lead < _counts.First)
        {
            RaiseLead();
        }

        Decide();
    }

    private void Decide()
    {
        // Two labels can go out at one draw; the leader is as good a guess as any then, and the error was made before.
        if (_left <= 1 && !UnseenMatter)
        {
            var last = _claims.FindIndex(claim => !IsOut(claim));
            Mode = last < 0 ? _leader : last;
        }
    }

    private bool IsOut(Claim claim) => claim.Wealth >= _enough;

    /// <summary>The lead grows by one. Only a label that bets were won against gains; E follows the counts in any case.</summary>
    private void LeaderCame(bool wins)
    {
        for (var label = 0; label < _claims.Count; label++)
        {
            if (label != _leader)
            {
                Replace(label, Led(_claims[label], _lead, _counts.Counts[label], wins));
            }
        }

        _unseen = IsOut(_unseen) ? _unseen : Led(_unseen, _lead, 0, wins);
        RaiseLead();
    }

    private void Overtaken(int label, long count)
    {
        var old = _leader;
        if (old >= 0)
        {
            Replace(label, Lost(_claims[label], count));
            Replace(old, _claims[old] with { Evidence = _prior.At(_level) });
        }

        // Before the first label nobody leads; of two labels, each still has the other for a rival that bets can name.
        var first = old < 0 && _kinds == 2;
        if (first)
        {
            Replace(label, Lost(_claims[label], 0));
        }

        // From here on the new leader is the one that is not bet against; the old one is, from level counts.
        _leader = label;
        LeaderCame(wins: first);
    }

    private void RaiseLead()
    {
        _lead++;
        _level = _level.Raise(_lead);
    }

    private void Replace(int label, Claim claim)
    {
        if (IsOut(_claims[label]))
        {
            return;
        }

        _claims[label] = claim;
        _left -= IsOut(claim) ? 1 : 0;
    }

    private long NeededAgainst(Claim claim, long count)
    {
        var lead = _counts.First;
        while (!IsOut(claim))
        {
            claim = Led(claim, lead++, count, wins: true);
        }

        return lead;
    }

    /// <summary>The leader, which had <paramref name="lead"/>, came; the claim's label has <paramref name="count"/>.</summary>
    private Claim Led(Claim claim, long lead, long count, bool wins)
    {
        var evidence = _prior.LeaderCame(claim.Evidence, lead, count, out var gain);
        return new Claim(wins ? claim.Wealth * gain : claim.Wealth, evidence);
    }

    /// <summary>The claim's own label, which had <paramref name="count"/>, came.</summary>
    private Claim Lost(Claim claim, long count)
    {
        var evidence = _prior.RivalCame(claim.Evidence, _lead, count, out var loss);
        return new Claim(claim.Wealth * loss, evidence);
    }

    /// <summary>The claim that a label is the mode.</summary>
    /// <param name="Wealth">W_j.</param>
    /// <param name="Evidence">Of the leader against the label; meaningless for the leader.</param>
    private readonly record struct Claim(double Wealth, PairEvidence Evidence);
}
