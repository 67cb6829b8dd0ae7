using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// Two predictions of every gap, mixed by how well each foretold the observed entries without themselves (<see cref="Stacking"/>): one from graph and time
/// together, and one from the row alone under the covariance of the deviations from the levels, which forgets faster. Standard deviations are calibrated
/// on the mixed errors (<see cref="IntervalScale"/>). What the mix leaves unexplained is foretold from the rows before (<see cref="GraphAutoregression"/>).
/// </summary>
internal sealed class GapFiller(GraphTemporalFilter temporal, GraphTemporalFilter spatial)
{
    private readonly double[] _errors = new double[temporal.Sensors];

    /// <summary>Over innovations: its source learns the graph.</summary>
    public GraphTemporalFilter Temporal { get; } = temporal;

    /// <summary>Over deviations from the levels, without persistence.</summary>
    public GraphTemporalFilter Spatial { get; } = spatial;

    public Stacking Stacking { get; init; } = new();

    public IntervalScale Intervals { get; init; } = new();

    public GraphAutoregression Autoregression { get; init; } = new(temporal.Sensors);

    /// <summary>To be set before <see cref="Update"/>: the deviation from its level that a sensor's past foretells, in standard deviations.</summary>
    public double[] Expected { get; } = new double[temporal.Sensors];

    /// <summary>Deviation of each entry from its level: filled, or as observed within its limits.</summary>
    public double[] Mean { get; } = new double[temporal.Sensors];

    public int Sensors => Temporal.Sensors;

    public GraphCovariance Graph => (GraphCovariance)Temporal.Source;

    public DeviationCovariance Deviations => (DeviationCovariance)Spatial.Source;

    /// <summary>Weight of <see cref="Temporal"/> for this row.</summary>
    public double Weight { get; private set; } = 1;

    public static GapFiller Start(OnlineGraphLearner learner, double deviationForgetting, double noise)
    {
        var temporal = new GraphTemporalFilter(new GraphCovariance(learner), noise, unitVariances: true);
        var deviations = new DeviationCovariance(new RecursiveCovariance(learner.Sensors, deviationForgetting), temporal);
        return new GapFiller(temporal, new GraphTemporalFilter(deviations, noise, unitVariances: false));
    }

    /// <summary>Other sensors: for each its former number, or -1.</summary>
    public GapFiller Adopt(int[] places)
    {
        Graph.Learner.Adopt(places);
        var temporal = Temporal.Adopt(places, Graph);
        return new GapFiller(temporal, Spatial.Adopt(places, Deviations.Over(places, temporal)))
        {
            Stacking = Stacking,
            Intervals = Intervals,
            Autoregression = Autoregression.Adopt(places),
        };
    }

    /// <summary>Takes the row that <see cref="Temporal"/> was given.</summary>
    public RowOutcome Update()
    {
        Span<int> observed = stackalloc int[Sensors], missing = stackalloc int[Sensors];
        var (seen, gaps) = (0, 0);
        for (var i = 0; i < Sensors; i++)
        {
            Spatial.Residuals[i] = Temporal.Residuals[i] + Expected[i];
            if (double.IsNaN(Temporal.Residuals[i]))
            {
                missing[gaps++] = i;
            }
            else
            {
                observed[seen++] = i;
            }
        }

        Weight = Stacking.Weight;
        Spatial.Update(observed[..seen], missing[..gaps]);
        var outcome = Temporal.Update(observed[..seen], missing[..gaps]);
        Autoregression.Solve();
        for (var i = 0; i < Sensors; i++)
        {
            Mean[i] = Temporal.Mean[i] + Expected[i];
        }

        foreach (var i in missing[..gaps])
        {
            Mean[i] += ((1 - Weight) * (Spatial.Mean[i] - Mean[i])) + Autoregression.Predict(i);
        }

        Array.Fill(_errors, double.NaN);
        if (seen > 0)
        {
            Calibrate(observed[..seen]);
        }

        Autoregression.Update(_errors, Mean);
        return outcome;
    }

    /// <summary>Standard deviation of a gap, calibrated.</summary>
    public double Deviation(int sensor) => Intervals.Factor * Math.Sqrt(Stacking.Variance(Temporal.Variance[sensor], Spatial.Variance[sensor]));

    private void Calibrate(ReadOnlySpan<int> observed)
    {
        var (seen, covered) = (observed.Length, 0);
        for (var k = 0; k < seen; k++)
        {
            var error = _errors[observed[k]] = (Weight * Temporal.Errors[k]) + ((1 - Weight) * Spatial.Errors[k]);
            var deviation = Math.Sqrt(Stacking.Variance(Temporal.ErrorVariances[k], Spatial.ErrorVariances[k]));
            covered += Intervals.Covers((error - Autoregression.Predict(observed[k])) / deviation) ? 1 : 0;
        }

        Intervals.Learn((double)covered / seen);
        Stacking.Learn(Temporal.Errors.AsSpan(0, seen), Spatial.Errors.AsSpan(0, seen));
    }
}
