using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Stopping;

/// <summary>
/// To name label i, every claim "theta is at most 1/2 - epsilon" is rejected, theta being i's share of the labels of i and j: OS-1v1 with the prior
/// on [1/2 - epsilon, 1], against (K-1)/delta. At a tie of two labels with share p each it needs about ln((K-1)/delta)/(4 p epsilon^2) labels.
/// </summary>
internal sealed class RelativeToleranceRule : IToleranceRule
{
    private readonly TopTwo _counts;
    private readonly LeaderBoundary _boundary;

    public RelativeToleranceRule(double epsilon, int labels, double delta, TopTwo counts)
    {
        if (!(epsilon is > 0 and < 0.5))
        {
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "give a share of a pair above 0 and below 0.5, such as 0.02");
        }

        _counts = counts;
        var tolerance = Ratio.FromDecimal(epsilon);
        var floor = new Ratio(tolerance.Denominator - (2 * tolerance.Numerator), 2 * tolerance.Denominator);
        _boundary = new LeaderBoundary(BoundaryTable.For(
            $"{LabelRules.OneSided} above {floor.Numerator}/{floor.Denominator}",
            Boundary.Threshold(labels, delta),
            threshold => new Boundary(floor, threshold)));
    }

    public bool IsReached => _counts.First >= LeaderNeeded;

    public long LeaderNeeded => _boundary.Needed(_counts.Second);
}
