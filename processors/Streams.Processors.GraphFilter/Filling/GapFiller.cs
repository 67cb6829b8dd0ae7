using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// Two predictions of every gap, mixed by how well each foretold the observed entries without themselves (<see cref="Stacking"/>): one from graph and time
/// together, and one from the row alone under the covariance of the deviations from the levels, which forgets faster. Standard deviations are calibrated
/// on the mixed errors (<see cref="IntervalScale"/>). What the mix leaves unexplained is foretold from the rows before (<see cref="GraphAutoregression"/>).
/// </summary>
internal sealed class GapFiller(GraphTemporalFilter temporal, GraphTemporalFilter spatial) : INetworkFilter
{
    private readonly double[] _errors = new double[temporal.Sensors];

    /// <summary>Over innovations: its source learns the graph.</summary>
    public GraphTemporalFilter Temporal { get; } = temporal;

    /// <summary>Over deviations from the levels, without persistence.</summary>
    public GraphTemporalFilter Spatial { get; } = spatial;

    public SensorStacking Stacking { get; init; } = new(temporal.Sensors);

    public IntervalScale Intervals { get; init; } = new();

    public GraphAutoregression Autoregression { get; init; } = new(temporal.Sensors);

    public int Sensors => Temporal.Sensors;

    public double[] Residuals => Temporal.Residuals;

    public double[] Expected { get; } = new double[temporal.Sensors];

    public double[] Persistence => Temporal.Persistence;

    public double[] Growth => Temporal.Growth;

    public double[] Limits => Temporal.Limits;

    public double[] Mean { get; } = new double[temporal.Sensors];

    public double[] Innovations => Temporal.Mean;

    public double[] Foretold => Temporal.Expected;

    public double DriftStatistic => Learner.DriftStatistic;

    public OnlineGraphLearner Learner => ((GraphCovariance)Temporal.Source).Learner;

    public DeviationCovariance Deviations => (DeviationCovariance)Spatial.Source;

    public static GapFiller Start(OnlineGraphLearner learner, FillingOptions options)
    {
        var temporal = new GraphTemporalFilter(new GraphCovariance(learner), options.Noise, unitVariances: true);
        var deviations = new DeviationCovariance(new RecursiveCovariance(learner.Sensors, options.DeviationForgetting), temporal);
        return new GapFiller(temporal, new GraphTemporalFilter(deviations, options.Noise, unitVariances: false));
    }

    INetworkFilter INetworkFilter.Adopt(int[] places) => Adopt(places);

    /// <inheritdoc cref="INetworkFilter.Adopt"/>
    public GapFiller Adopt(int[] places)
    {
        Learner.Adopt(places);
        var temporal = Temporal.Adopt(places, Temporal.Source);
        return new GapFiller(temporal, Spatial.Adopt(places, Deviations.Over(places, temporal)))
        {
            Stacking = Stacking.Adopt(places),
            Intervals = Intervals,
            Autoregression = Autoregression.Adopt(places),
        };
    }

    public RowOutcome Update()
    {
        Span<int> observed = stackalloc int[Sensors], missing = stackalloc int[Sensors];
        var (seen, gaps) = (0, 0);
        for (var i = 0; i < Sensors; i++)
        {
            (Spatial.Residuals[i], Spatial.Limits[i]) = (Residuals[i] + Expected[i], Limits[i]);
            if (double.IsNaN(Residuals[i]))
            {
                missing[gaps++] = i;
            }
            else
            {
                observed[seen++] = i;
            }
        }

        Spatial.Update(observed[..seen], missing[..gaps]);
        var outcome = Temporal.Update(observed[..seen], missing[..gaps]);
        Autoregression.Solve();
        for (var i = 0; i < Sensors; i++)
        {
            Mean[i] = Temporal.Mean[i] + Expected[i];
        }

        foreach (var i in missing[..gaps])
        {
            Mean[i] += ((1 - Stacking.Weight(i)) * (Spatial.Mean[i] - Mean[i])) + Autoregression.Predict(i);
        }

        Array.Fill(_errors, double.NaN);
        if (seen > 0)
        {
            Calibrate(observed[..seen]);
        }

        Autoregression.Update(_errors, Mean);
        return outcome;
    }

    public double Deviation(int sensor) => Intervals.Factor * Math.Sqrt(Stacking.Variance(sensor, Temporal.Variance[sensor], Spatial.Variance[sensor]));

    public void Learn(ReadOnlySpan<double> residuals) => Learner.Add(residuals);

    public int[] EdgePairs() => Learner.EdgePairs();

    public OnlineGraph Describe(IReadOnlyList<string> names) => Learner.Describe(names);

    private void Calibrate(ReadOnlySpan<int> observed)
    {
        var (seen, covered) = (observed.Length, 0);
        for (var k = 0; k < seen; k++)
        {
            var (i, weight) = (observed[k], Stacking.Weight(observed[k]));
            var error = _errors[i] = (weight * Temporal.Errors[k]) + ((1 - weight) * Spatial.Errors[k]);
            var deviation = Math.Sqrt(Stacking.Variance(i, Temporal.ErrorVariances[k], Spatial.ErrorVariances[k]));
            covered += Intervals.Covers((error - Autoregression.Predict(i)) / deviation) ? 1 : 0;
        }

        Intervals.Learn((double)covered / seen);
        Stacking.Learn(observed, Temporal.Errors.AsSpan(0, seen), Spatial.Errors.AsSpan(0, seen));
    }
}
