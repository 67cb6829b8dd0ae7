using Streams.Processors.ModeEstimation.Stopping;
using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Weighted;

/// <summary>
/// Leader betting on labels that come with weights or as probability vectors: which label has the largest mean weight? Each sample gives label k the
/// weight w_k in [0, 1], together at most 1. Against the claim "no label's mean weight is above j's" stands a wealth W_j that is multiplied by
/// 1 + lambda (w_l - w_j), l the leader among the other labels and lambda in [0, 1) fixed before the sample: a supermartingale under the claim, which
/// reaches 1/delta with probability at most delta (Ville). The last label left is named; as with whole labels no union over the labels is paid. Same
/// guarantee and the same bet as <see cref="Stopping.LeaderBettingRule"/>, which is the case of weights 0 and 1 (ASC-D gives the weighted form).
/// </summary>
/// <remarks>
/// lambda is Kelly's bet to second order, mean over mean square of w_l - w_j, from running sums; the mean square is bounded by those of w_l and w_j, which is
/// exact for weights 0 and 1. Additions, multiplications and divisions only: a replay decides at the same sample. O(labels seen) a sample.
/// </remarks>
internal sealed class WeightedModeEstimator
{
    // A sum of products of roundings of 10^-16 each stays far below.
    private const double RoundingMargin = 1e-6;
    private const double LargestBet = 0.95;

    // As if so many samples had been seen in which all labels weighed the same: first bets are small.
    private const double Prior = 2;

    private readonly double _enough;
    private readonly List<Claim> _claims = [];
    private Claim _unseen = new(1, 0, 0);

    /// <param name="delta">Accepted probability of error, in (0, 1).</param>
    public WeightedModeEstimator(double delta)
    {
        if (!(delta is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(delta), delta, "give a probability above 0 and below 1, such as 0.01");
        }

        Delta = delta;
        _enough = Math.Min((1 + RoundingMargin) / delta, double.MaxValue);
    }

    public double Delta { get; }

    /// <summary>Samples counted.</summary>
    public long Counted { get; private set; }

    /// <summary>The label with the largest sum of weights, the first seen of several; -1 before any.</summary>
    public int Leader { get; private set; } = -1;

    /// <summary>The mode, once decided; null before.</summary>
    public int? Mode { get; private set; }

    /// <summary>Sum of a label's weights.</summary>
    public double WeightOf(int label) => label < _claims.Count ? _claims[label].Sum : 0;

    /// <summary>Whether the claim that a label is the mode was given up.</summary>
    public bool IsRejected(int label) => IsOut(label < _claims.Count ? _claims[label] : _unseen);

    /// <summary>Natural logarithm of the least evidence against a label other than <paramref name="mode"/>, seen or not, having the largest mean weight, for reports.</summary>
    public double LogEValue(int mode)
    {
        var least = _unseen.Wealth;
        for (var label = 0; label < _claims.Count; label++)
        {
            least = label == mode ? least : Math.Min(least, _claims[label].Wealth);
        }

        return Evidence.Round(Math.Log(Math.Max(least, double.Epsilon)));
    }

    /// <summary>Takes a sample: weights of labels 0, 1, …, each in [0, 1], together at most 1 (up to rounding); labels beyond weigh nothing. True when it decided.</summary>
    /// <exception cref="ArgumentException">A weight is out of range, or their sum is.</exception>
    public bool Add(ReadOnlySpan<double> weights)
    {
        Check(weights);
        if (Mode is not null)
        {
            throw new InvalidOperationException("the mode is decided; a label more could only shake a guarantee that was given");
        }

        while (_claims.Count < weights.Length)
        {
            _claims.Add(_unseen);
        }

        var second = SecondBest();
        for (var label = 0; label < _claims.Count; label++)
        {
            var rival = label == Leader ? second : Leader;
            _claims[label] = After(_claims[label], At(weights, label), rival, weights);
        }

        _unseen = After(_unseen, 0, Leader, weights);
        Counted++;
        for (var label = 0; label < _claims.Count; label++)
        {
            if (Leader < 0 ? _claims[label].Sum > 0 : _claims[label].Sum > _claims[Leader].Sum)
            {
                Leader = label;
            }
        }

        Decide();
        return Mode is not null;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt64(Counted);
        writer.Write7BitEncodedInt(Leader + 1);
        writer.Write7BitEncodedInt(_claims.Count);
        foreach (var claim in _claims.Append(_unseen))
        {
            writer.Write(claim.Wealth);
            writer.Write(claim.Sum);
            writer.Write(claim.Squares);
        }
    }

    public static WeightedModeEstimator Restore(BinaryReader reader, double delta)
    {
        var estimator = new WeightedModeEstimator(delta) { Counted = reader.Read7BitEncodedInt64(), Leader = reader.Read7BitEncodedInt() - 1 };
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            estimator._claims.Add(Read(reader));
        }

        estimator._unseen = Read(reader);
        estimator.Decide();
        return estimator;
    }

    private static Claim Read(BinaryReader reader) => new(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());

    private static double At(ReadOnlySpan<double> weights, int label) => label >= 0 && label < weights.Length ? weights[label] : 0;

    private static void Check(ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        for (var label = 0; label < weights.Length; label++)
        {
            if (!(weights[label] is >= 0 and <= 1))
            {
                throw new ArgumentException($"weight {label} is {weights[label]}; give a number from 0 to 1", nameof(weights));
            }

            sum += weights[label];
        }

        if (sum > 1 + LabelCodec.WeightRounding)
        {
            throw new ArgumentException($"the weights add up to {sum}; give weights that add up to 1 at most", nameof(weights));
        }
    }

    private bool IsOut(Claim claim) => claim.Wealth >= _enough;

    private int SecondBest()
    {
        var second = -1;
        for (var label = 0; label < _claims.Count; label++)
        {
            if (label != Leader && (second < 0 || _claims[label].Sum > _claims[second].Sum))
            {
                second = label;
            }
        }

        return second;
    }

    private Claim After(Claim claim, double weight, int rival, ReadOnlySpan<double> weights)
    {
        var wealth = claim.Wealth;
        if (rival >= 0 && !IsOut(claim))
        {
            var lambda = Bet(_claims[rival], claim);
            wealth *= 1 + (lambda * (At(weights, rival) - weight));
        }

        return new Claim(wealth, claim.Sum + weight, claim.Squares + (weight * weight));
    }

    private static double Bet(Claim rival, Claim claim)
    {
        var squares = Prior + rival.Squares + claim.Squares;
        return Math.Clamp((rival.Sum - claim.Sum) / squares, 0, LargestBet);
    }

    private void Decide()
    {
        var left = -1;
        for (var label = 0; label < _claims.Count; label++)
        {
            if (IsOut(_claims[label]))
            {
                continue;
            }

            if (left >= 0)
            {
                return;
            }

            left = label;
        }

        if (IsOut(_unseen) && _claims.Count > 0)
        {
            Mode = left < 0 ? Leader : left;
        }
    }

    /// <summary>The claim that a label has the largest mean weight.</summary>
    /// <param name="Wealth">W_j.</param>
    /// <param name="Sum">Sum of its weights.</param>
    /// <param name="Squares">Sum of their squares.</param>
    private readonly record struct Claim(double Wealth, double Sum, double Squares);
}
