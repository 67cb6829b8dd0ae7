using Streams.Processors.GraphFilter.Learning;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>Rows whose gaps someone else has filled, with more than this learner knows.</summary>
public sealed partial class OnlineGraphLearner
{
    /// <summary>Takes a row in, its gaps filled with their conditional means, and the conditional covariance of the uncertain entries.</summary>
    /// <param name="row">One number a sensor.</param>
    /// <param name="observed">The entries that were observed.</param>
    /// <param name="uncertain">Those that <paramref name="spread"/> is of, ascending.</param>
    /// <param name="spread">Their conditional covariance, row-major.</param>
    internal RowOutcome AddFilled(ReadOnlySpan<float> row, ReadOnlySpan<int> observed, ReadOnlySpan<int> uncertain, ReadOnlySpan<double> spread)
    {
        var workspace = Workspace.For(Sensors);
        row.CopyTo(_row);
        if (Sign == FilterSign.Auto)
        {
            FollowScale(observed);
        }

        Rows++;
        var gain = _bank.Add(_row, uncertain, spread);
        _observedShare += gain * (((double)observed.Length / Sensors) - _observedShare);
        var alarm = Test(uncertain, spread, workspace);
        var learns = LearningIsDue && Learn(workspace);
        return new RowOutcome(observed.Length, Sensors - observed.Length, 0, learns, alarm);
    }
}
