using Streams.Processors.GraphFilter.LinearAlgebra;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// Graph and time in one Kalman filter, over standardised residuals: the distance of each reading from what its sensor's past foretells, in
/// its standard deviations. The state is the row itself. It is expected to have covariance P = Q + diag(a) V diag(a): Q that of the
/// innovations, the recursive covariance shrunk towards the graph's g(L)² by a share that is chosen as rows come
/// (<see cref="ShrinkageWeight"/>); V what is still unknown of the last row, its filled-in entries; a the persistence. Observed entries are
/// then exact, the others get their conditional mean and covariance, which is the next V. So a filled-in entry knows of the sensors
/// around it and of all that they said since it was read last. Standard deviations are calibrated (<see cref="IntervalScale"/>).
/// </summary>
internal sealed class GraphTemporalFilter
{
    private readonly double _noise;
    private readonly float[] _row;
    private readonly double[] _innovations;

    public GraphTemporalFilter(OnlineGraphLearner learner, double noise, float[]? carried = null)
    {
        (Learner, _noise) = (learner, noise);
        var size = learner.Sensors;
        (_row, _innovations) = (new float[size], new double[size]);
        (Residuals, Persistence, Growth, Limits) = (new double[size], new double[size], new double[size], new double[size]);
        (Mean, Variance, Expected) = (new double[size], new double[size], new double[size]);
        Carried = carried ?? new float[RecursiveCovariance.Length(size)];
    }

    public OnlineGraphLearner Learner { get; set; }

    public int Sensors => Learner.Sensors;

    /// <summary>V, packed: covariance of the errors of the last row's filled-in entries.</summary>
    public float[] Carried { get; }

    public ShrinkageWeight Shrinkage { get; init; } = new();

    public IntervalScale Intervals { get; init; } = new();

    /// <summary>To be set before <see cref="Update"/>: the row; NaN is a gap.</summary>
    public double[] Residuals { get; }

    /// <summary>To be set before <see cref="Update"/>: share of a sensor's deviation that lasts until this row.</summary>
    public double[] Persistence { get; }

    /// <summary>To be set before <see cref="Update"/>: standard deviation of the innovation until this row over that of a usual step.</summary>
    public double[] Growth { get; }

    /// <summary>To be set before <see cref="Update"/>: expected standard deviations beyond which a residual counts as this.</summary>
    public double[] Limits { get; }

    /// <summary>Of each entry, given the observed ones; an observed entry itself, within its limits.</summary>
    public double[] Mean { get; }

    /// <summary>Of each entry about its mean, calibrated; 0 where observed.</summary>
    public double[] Variance { get; }

    /// <summary>Of each entry, as it was expected from the past alone.</summary>
    public double[] Expected { get; }

    /// <summary>Other sensors: for each its former number, or -1.</summary>
    public GraphTemporalFilter Adopt(int[] places)
    {
        var carried = new float[RecursiveCovariance.Length(places.Length)];
        for (int i = 0, at = 0; i < places.Length; i++)
        {
            for (var j = 0; j <= i; j++, at++)
            {
                var (a, b) = (Math.Max(places[i], places[j]), Math.Min(places[i], places[j]));
                carried[at] = b < 0 ? 0 : Carried[RecursiveCovariance.Index(a, b)];
            }
        }

        Learner.Adopt(places);
        return new GraphTemporalFilter(Learner, _noise, carried) { Shrinkage = Shrinkage, Intervals = Intervals };
    }

    /// <summary>Takes the row in <see cref="Residuals"/> and fills its gaps.</summary>
    public RowOutcome Update()
    {
        var size = Sensors;
        var scratch = FillingScratch.For(size);
        var workspace = Workspace.For(size);
        Load(scratch);
        Span<int> observed = stackalloc int[size], missing = stackalloc int[size];
        Split(ref observed, ref missing);
        var rows = Learner.EffectiveMemory * Learner.ObservedShare;
        if (Learner.Learnings > 0 && observed.Length > 1)
        {
            Score(scratch, workspace, observed, rows);
        }

        var prior = Combine(scratch, Shrinkage.Share(size, rows));
        Limit(prior, observed);
        if (observed.Length > 0)
        {
            GaussianFill.Fill(prior, _row, observed, missing, workspace.First, workspace.Second, workspace.Vector(0), workspace.Modes);
            Keep(missing, workspace.Modes);
            Calibrate(workspace, observed);
        }
        else
        {
            Array.Clear(_row);
            Keep(missing, prior);
        }

        Describe(observed, missing);
        return Learner.Add(_innovations);
    }

    /// <summary>Both covariances as correlations.</summary>
    private void Load(FillingScratch scratch)
    {
        var size = Sensors;
        Learner.CopyCovariance(scratch.Covariance);
        Learner.CopyModel(scratch.Model);
        Standardise(scratch.Covariance, size);
        Standardise(scratch.Model, size);
    }

    private static void Standardise(Span<double> matrix, int size)
    {
        Span<double> scales = stackalloc double[size];
        var any = false;
        for (var i = 0; i < size; i++)
        {
            var variance = matrix[(i * size) + i];
            scales[i] = variance > 1e-12 ? 1 / Math.Sqrt(variance) : 0;
            any |= variance > 1e-12;
        }

        for (var i = 0; i < size; i++)
        {
            var row = matrix.Slice(i * size, size);
            for (var j = 0; j < size; j++)
            {
                // Before the first row a common mode stands in.
                row[j] = i == j ? 1 : any ? row[j] * scales[i] * scales[j] : CommonMode.Correlation;
            }
        }
    }

    private void Split(ref Span<int> observed, ref Span<int> missing)
    {
        var (seen, gaps) = (0, 0);
        for (var i = 0; i < Residuals.Length; i++)
        {
            if (double.IsNaN(Residuals[i]))
            {
                missing[gaps++] = i;
            }
            else
            {
                (_row[i], observed[seen++]) = ((float)Residuals[i], i);
            }
        }

        observed = observed[..seen];
        missing = missing[..gaps];
    }

    private void Score(FillingScratch scratch, Workspace workspace, ReadOnlySpan<int> observed, double rows)
    {
        Span<double> deviances = stackalloc double[ShrinkageWeight.Candidates];
        for (var k = 0; k < deviances.Length; k++)
        {
            var prior = Combine(scratch, ShrinkageWeight.ShareOf(k, Sensors, rows));
            deviances[k] = GaussianFill.Deviance(prior, _row, observed, workspace.First, workspace.Vector(0));
        }

        Shrinkage.Learn(deviances);
    }

    /// <summary>P for a share of the model.</summary>
    private Span<double> Combine(FillingScratch scratch, double share)
    {
        var size = Sensors;
        Span<double> covariance = scratch.Covariance, model = scratch.Model, prior = scratch.Prior[..(size * size)];
        double own = (1 - share) * (1 - _noise), graph = share * (1 - _noise);
        for (int i = 0, from = 0; i < size; i++)
        {
            var start = i * size;
            for (var j = 0; j <= i; j++, from++)
            {
                var innovation = (own * covariance[start + j]) + (graph * model[start + j]);
                prior[start + j] = (Growth[i] * Growth[j] * innovation) + (Persistence[i] * Persistence[j] * Carried[from]);
            }

            prior[start + i] += _noise * Growth[i] * Growth[i];
        }

        Lapack.Mirror(prior, size);
        return prior;
    }

    private void Limit(ReadOnlySpan<double> prior, ReadOnlySpan<int> observed)
    {
        Array.Fill(_innovations, double.NaN);
        for (var i = 0; i < Sensors; i++)
        {
            Expected[i] = prior[(i * Sensors) + i];
        }

        foreach (var i in observed)
        {
            var deviation = Math.Sqrt(Expected[i]);
            var limited = Math.Clamp(Residuals[i], -Limits[i] * deviation, Limits[i] * deviation);
            (_row[i], _innovations[i]) = ((float)limited, limited / deviation);
        }
    }

    private void Keep(ReadOnlySpan<int> missing, ReadOnlySpan<double> spread)
    {
        Array.Clear(Carried);
        for (var a = 0; a < missing.Length; a++)
        {
            var row = RecursiveCovariance.Index(missing[a], 0);
            for (var b = 0; b <= a; b++)
            {
                Carried[row + missing[b]] = (float)spread[(a * missing.Length) + b];
            }
        }
    }

    /// <summary>Each observed entry against its mean without itself: (P⁻¹ x)_i / (P⁻¹)_ii with variance 1 / (P⁻¹)_ii, from the factor of P_oo.</summary>
    private void Calibrate(Workspace workspace, ReadOnlySpan<int> observed)
    {
        var seen = observed.Length;
        var columns = workspace.Second[..(seen * seen)];
        columns.Clear();
        for (var i = 0; i < seen; i++)
        {
            columns[(i * seen) + i] = 1;
        }

        Lapack.SolveLower(workspace.First, seen, columns, seen);
        var covered = 0;
        for (var i = 0; i < seen; i++)
        {
            var column = columns.Slice(i * seen, seen);
            var error = Cholesky.Dot(column, workspace.Vector(0)[..seen]) / Math.Sqrt(Cholesky.Dot(column, column));
            covered += Intervals.Covers(error) ? 1 : 0;
        }

        Intervals.Learn((double)covered / seen);
    }

    private void Describe(ReadOnlySpan<int> observed, ReadOnlySpan<int> missing)
    {
        foreach (var i in observed)
        {
            (Mean[i], Variance[i]) = (_row[i], 0);
        }

        foreach (var i in missing)
        {
            var variance = Math.Max(Carried[RecursiveCovariance.Index(i, i)], 0);
            (Mean[i], Variance[i]) = (_row[i], variance * Intervals.Factor * Intervals.Factor);
        }
    }
}
