using Streams.Processors.ModeEstimation.Stopping;

namespace Streams.Processors.ModeEstimation;

/// <summary>
/// Counts independent, identically distributed labels and says when the most frequent one is the mode with probability
/// at least 1 - delta, however the labels are distributed. Setting and query model: Shah et al., "Sequential Mode Estimation
/// with Oracle Queries" (AAAI 2020); default rule: PPR-1v1 of Jain et al. (AISTATS 2022). Only the leader and the runner-up
/// need to be compared: the evidence of the leader falls as its rival's count rises. O(1) a label; hot path.
/// </summary>
public sealed class ModeEstimator
{
    private readonly StoppingRule _rule;
    private readonly Boundary _boundary;
    private readonly TopTwo _top;

    /// <summary>An estimator that has seen nothing.</summary>
    /// <param name="labels">K, the number of different labels or an upper bound of it, at least 2.</param>
    /// <param name="delta">Accepted probability of error, in (0, 1).</param>
    /// <param name="rule">One of <see cref="Schemas.Labels.LabelRules.All"/>; null for PPR-1v1.</param>
    public ModeEstimator(int labels, double delta, string? rule = null)
        : this(labels, delta, rule, new TopTwo())
    {
    }

    internal ModeEstimator(int labels, double delta, string? rule, TopTwo top)
    {
        _rule = StoppingRule.Of(rule);
        _boundary = new Boundary(_rule, labels, delta);
        _boundary.AdvanceTo(top.Second);
        _top = top;
        Labels = labels;
        Delta = delta;
    }

    /// <summary>K.</summary>
    public int Labels { get; }

    /// <summary>Accepted probability of error.</summary>
    public double Delta { get; }

    /// <summary>Labels counted.</summary>
    public long Counted => _top.Total;

    /// <summary>The most frequent label, the first to get there when several are; -1 before any.</summary>
    public int Leader => _top.Leader;

    /// <summary>Count of the leader.</summary>
    public long LeaderCount => _top.First;

    /// <summary>The second largest count.</summary>
    public long RunnerUpCount => _top.Second;

    /// <summary>Leader count at which the rule stops while the runner-up stands still.</summary>
    public long LeaderNeeded => _boundary.Needed;

    /// <summary>Whether the leader is the mode with the promised confidence. No further label is wanted then.</summary>
    public bool Decided => LeaderCount >= LeaderNeeded;

    /// <summary>Natural logarithm of the evidence against the runner-up being the mode, for reports.</summary>
    public double LogEValue => Evidence.Log(_rule, LeaderCount, RunnerUpCount);

    /// <summary>Anytime-valid p-value min(1, (K-1)/e-value), for reports.</summary>
    public double PValue => Evidence.PValue(Labels, LogEValue);

    /// <summary>Name and version of the stopping rule.</summary>
    public string Rule => _rule.Stated;

    internal TopTwo Counts => _top;

    /// <summary>Counts <paramref name="label"/>, a number from 0 to K - 1; true when that decided.</summary>
    public bool Add(int label)
    {
        if ((uint)label >= (uint)Labels)
        {
            throw new ArgumentOutOfRangeException(nameof(label), label, $"labels are numbered 0 to {Labels - 1}");
        }

        if (Decided)
        {
            throw new InvalidOperationException("the mode is decided; a label more could only shake a guarantee that was given");
        }

        _top.Add(label);
        _boundary.AdvanceTo(_top.Second);
        return Decided;
    }
}
