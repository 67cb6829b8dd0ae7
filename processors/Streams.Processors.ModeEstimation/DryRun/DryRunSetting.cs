using System.Globalization;
using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.DryRun;

/// <summary>What a dry run changes in the definition of every task. All else stays as the task has it.</summary>
/// <param name="Delta">Accepted probability of error, in (0, 1).</param>
/// <param name="Tolerance">Absolute tolerance, in (0, 1); null: only the mode will do.</param>
/// <param name="MaxLabels">Labels after which to abstain; null: no limit.</param>
/// <param name="Rule">One of <see cref="LabelRules.All"/>.</param>
public sealed record DryRunSetting(double Delta, double? Tolerance, int? MaxLabels, string Rule)
{
    internal LabelTask Of(LabelTask task) =>
        task with { Delta = Delta, Tolerance = Tolerance, RelativeTolerance = null, MaxLabels = MaxLabels, Rule = Rule };

    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"delta {Delta}, tolerance {Tolerance ?? 0}, max {MaxLabels?.ToString(CultureInfo.InvariantCulture) ?? "none"}, rule {Rule}");
}
