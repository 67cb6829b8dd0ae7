using Streams.Processors.ModeEstimation.Stopping;
using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation;

/// <summary>
/// Counts independent, identically distributed labels and says when the most frequent one is the mode with probability
/// at least 1 - delta, however the labels are distributed. Setting and query model: Shah et al., "Sequential Mode Estimation
/// with Oracle Queries" (AAAI 2020); rules: <see cref="LabelRules"/>. Hot path.
/// </summary>
public sealed class ModeEstimator
{
    private readonly IStoppingRule _rule;
    private readonly TopTwo _top;
    private readonly long _minimum;
    private readonly IToleranceRule? _tolerance;

    /// <summary>An estimator that has seen nothing.</summary>
    /// <param name="labels">K, the number of different labels or an upper bound of it, at least 2.</param>
    /// <param name="delta">Accepted probability of error, in (0, 1).</param>
    /// <param name="rule">One of <see cref="LabelRules.All"/>; null for <see cref="LabelRules.Default"/>.</param>
    public ModeEstimator(int labels, double delta, string? rule = null)
        : this(labels, delta, rule, new TopTwo(), delta)
    {
    }

    /// <summary>The estimator of a task.</summary>
    /// <param name="definition">The task. With a tolerance, half its delta goes to each way to end: the mode, or one as good.</param>
    /// <param name="rule">The rule in force, which the definition may leave to the default.</param>
    /// <param name="top">Counts so far.</param>
    internal ModeEstimator(LabelTask definition, string rule, TopTwo top)
        : this(definition.LabelBound(), definition.Delta, rule, top, IsTolerant(definition) ? definition.Delta / 2 : definition.Delta)
    {
        _minimum = definition.MinLabels ?? 0;
        _tolerance = definition.Tolerance is { } absolute ? new AbsoluteToleranceRule(absolute, definition.LabelBound(), definition.Delta / 2, top)
            : definition.RelativeTolerance is { } relative ? new RelativeToleranceRule(relative, definition.LabelBound(), definition.Delta / 2, top)
            : null;
    }

    private ModeEstimator(int labels, double delta, string? rule, TopTwo top, double ruleDelta)
    {
        _rule = StoppingRules.Create(rule, labels, ruleDelta, top);
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

    /// <summary>Leader count at which the estimator stops if nothing but the leader's label comes.</summary>
    public long LeaderNeeded =>
        Math.Max(Math.Min(_rule.LeaderNeeded, _tolerance?.LeaderNeeded ?? long.MaxValue), LeaderCount + Math.Max(0, _minimum - Counted));

    /// <summary>Whether the mode is known with the promised confidence.</summary>
    public bool Decided => Mode is not null;

    /// <summary>The mode, once decided; null before.</summary>
    public int? Mode => Counted >= _minimum ? _rule.Mode : null;

    /// <summary>Whether the leader is within the task's tolerance of the mode with the promised confidence, and not known to be the mode itself.</summary>
    public bool IsWithinTolerance => !Decided && Counted >= _minimum && _tolerance is { IsReached: true };

    /// <summary>Whether an answer is known. No further label is wanted then.</summary>
    public bool IsSettled => Decided || IsWithinTolerance;

    /// <summary>
    /// Whether <paramref name="label"/>, seen or not, stands rejected as the mode. Those that do not are a confidence set for the mode at any time:
    /// it is ever left out with probability delta at most.
    /// </summary>
    public bool IsRejected(int label) => _rule.IsOut(label);

    /// <summary>Natural logarithm of the evidence against any other label being the mode, for reports.</summary>
    public double LogEValue => _rule.LogEValue;

    /// <summary>Anytime-valid p-value, for reports.</summary>
    public double PValue => _rule.PValue;

    /// <summary>Name and version of the stopping rule.</summary>
    public string Rule => _rule.Stated;

    internal TopTwo Counts => _top;

    internal void SaveRule(BinaryWriter writer) => _rule.Save(writer);

    internal void RestoreRule(BinaryReader reader) => _rule.Restore(reader);

    /// <summary>Counts <paramref name="label"/>, a number from 0 to K - 1; true when that settled the answer.</summary>
    public bool Add(int label)
    {
        if ((uint)label >= (uint)Labels)
        {
            throw new ArgumentOutOfRangeException(nameof(label), label, $"labels are numbered 0 to {Labels - 1}");
        }

        if (IsSettled)
        {
            throw new InvalidOperationException("the answer is settled; a label more could only shake a guarantee that was given");
        }

        _top.Add(label);
        _rule.Counted(label);
        return IsSettled;
    }

    private static bool IsTolerant(LabelTask definition) => definition.Tolerance is not null || definition.RelativeTolerance is not null;
}
