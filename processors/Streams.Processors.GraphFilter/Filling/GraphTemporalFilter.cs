using Streams.Processors.GraphFilter.LinearAlgebra;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// A Kalman filter whose state is the row itself, over standardised residuals: the distance of each reading from what its sensor's past foretells. A row is
/// expected to have covariance P = Q + diag(a) V diag(a): Q that of the innovations, a recursive covariance shrunk towards a model by a share that is
/// chosen as rows come (<see cref="ShrinkageWeight"/>); V what is still unknown of the last row, its filled-in entries; a the persistence. Observed
/// entries are then exact, the others get their conditional mean and covariance, which is the next V. So a filled-in entry knows of the sensors around it
/// and of all that they said since it was read last. The covariance learns from the innovations' conditional mean, over the row's scale
/// (<see cref="RowScale"/>), and covariance (online expectation maximisation).
/// </summary>
internal sealed class GraphTemporalFilter
{
    private readonly double _noise;
    private readonly bool _unitVariances;
    private readonly float[] _row;

    public GraphTemporalFilter(ICovarianceSource source, double noise, bool unitVariances, float[]? carried = null)
    {
        (Source, _noise, _unitVariances) = (source, noise, unitVariances);
        var size = source.Sensors;
        _row = new float[size];
        (Residuals, Persistence, Growth, Limits) = (new double[size], new double[size], new double[size], new double[size]);
        (Mean, Variance, Expected, Errors, ErrorVariances) = (new double[size], new double[size], new double[size], new double[size], new double[size]);
        Carried = carried ?? new float[RecursiveCovariance.Length(size)];
        Array.Fill(Growth, 1);
    }

    public ICovarianceSource Source { get; }

    public int Sensors => Source.Sensors;

    /// <summary>V, packed: covariance of the errors of the last row's filled-in entries.</summary>
    public float[] Carried { get; }

    public ShrinkageWeight Shrinkage { get; init; } = new();

    public RowScale Scale { get; init; } = new();

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

    /// <summary>Of each entry about its mean; 0 where observed.</summary>
    public double[] Variance { get; }

    /// <summary>Variance of each entry as it was expected from the past alone.</summary>
    public double[] Expected { get; }

    /// <summary>Of the first entries, one for each observed one in order: its distance from its mean given the other ones.</summary>
    public double[] Errors { get; }

    /// <summary>Variances of <see cref="Errors"/>.</summary>
    public double[] ErrorVariances { get; }

    /// <summary>Over other sensors, of which <paramref name="source"/> is already: for each its former number, or -1.</summary>
    public GraphTemporalFilter Adopt(int[] places, ICovarianceSource source)
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

        return new GraphTemporalFilter(source, _noise, _unitVariances, carried) { Shrinkage = Shrinkage, Scale = Scale };
    }

    /// <summary>Takes the row in <see cref="Residuals"/> and fills its gaps.</summary>
    public RowOutcome Update(ReadOnlySpan<int> observed, ReadOnlySpan<int> missing)
    {
        var size = Sensors;
        var scratch = FillingScratch.For(size);
        var workspace = Workspace.For(size);
        Source.CopyTo(scratch.Covariance, scratch.Model);
        if (_unitVariances)
        {
            Correlations.Standardise(scratch.Covariance, size);
            Correlations.Standardise(scratch.Model, size);
        }

        foreach (var i in observed)
        {
            _row[i] = (float)Residuals[i];
        }

        var rows = Source.Rows;
        if (Source.HasModel && observed.Length > 1)
        {
            Score(scratch, workspace, observed, rows);
        }

        var prior = Combine(scratch, Shrinkage.Share(size, rows));
        Limit(prior, observed);
        if (observed.Length == 0)
        {
            Array.Clear(_row);
            Keep(missing, prior);
            Describe(observed, missing, Scale.Past);
            return default;
        }

        var carries = HasCarried();
        GaussianFill.Fill(prior, _row, observed, missing, workspace.First, workspace.Second, workspace.Vector(0), workspace.Modes);
        LeaveOneOut(workspace, observed);
        var distance = Cholesky.Dot(workspace.Vector(0)[..observed.Length], workspace.Vector(0)[..observed.Length]);
        var scale = Scale.Of(distance, observed.Length);
        for (var k = 0; k < observed.Length; k++)
        {
            ErrorVariances[k] *= Scale.Without(Errors[k] * Errors[k] / ErrorVariances[k], distance, observed.Length);
        }

        Scale.Learn(distance, observed.Length);
        Keep(missing, workspace.Modes);
        Describe(observed, missing, scale);
        return carries
            ? LearnInnovations(scratch, workspace, observed, Math.Sqrt(scale))
            : Source.Add(Scaled(Math.Sqrt(scale)), observed, missing, workspace.Modes);
    }

    /// <summary>Copies the correlations of the innovations as this filter takes them, the model in its share.</summary>
    public void CopyCorrelations(Span<double> correlations, Span<double> scratch)
    {
        Source.CopyTo(correlations, scratch);
        Correlations.Standardise(correlations, Sensors);
        Correlations.Standardise(scratch, Sensors);
        var share = Shrinkage.Share(Sensors, Source.Rows);
        for (var i = 0; i < Sensors * Sensors; i++)
        {
            correlations[i] += share * (scratch[i] - correlations[i]);
        }
    }

    private void Score(FillingScratch scratch, Workspace workspace, ReadOnlySpan<int> observed, double rows)
    {
        Span<double> deviances = stackalloc double[ShrinkageWeight.Candidates];
        for (var k = 0; k < deviances.Length; k++)
        {
            var prior = Combine(scratch, ShrinkageWeight.ShareOf(k, Sensors, rows));
            var (determinant, distance) = GaussianFill.Deviance(prior, _row, observed, workspace.First, workspace.Vector(0));
            deviances[k] = Scale.Deviance(determinant, distance, observed.Length);
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

            prior[start + i] += _noise * Growth[i] * Growth[i] * Math.Max(((1 - share) * covariance[start + i]) + (share * model[start + i]), 1e-9);
        }

        Lapack.Mirror(prior, size);
        return prior;
    }

    private void Limit(ReadOnlySpan<double> prior, ReadOnlySpan<int> observed)
    {
        for (var i = 0; i < Sensors; i++)
        {
            Expected[i] = prior[(i * Sensors) + i];
        }

        foreach (var i in observed)
        {
            var deviation = Math.Sqrt(Expected[i]);
            _row[i] = (float)Math.Clamp(Residuals[i], -Limits[i] * deviation, Limits[i] * deviation);
        }
    }

    private bool HasCarried()
    {
        for (var i = 0; i < Sensors; i++)
        {
            if (Persistence[i] > 0 && Carried[RecursiveCovariance.Index(i, i)] > 0)
            {
                return true;
            }
        }

        return false;
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
    private void LeaveOneOut(Workspace workspace, ReadOnlySpan<int> observed)
    {
        var seen = observed.Length;
        var columns = workspace.Second[..(seen * seen)];
        Lapack.InvertLower(workspace.First, seen, columns);
        for (var i = 0; i < seen; i++)
        {
            var column = columns.Slice((i * seen) + i, seen - i);
            ErrorVariances[i] = 1 / Cholesky.Dot(column, column);
            Errors[i] = Cholesky.Dot(column, workspace.Vector(0)[i..seen]) * ErrorVariances[i];
        }
    }

    private void Describe(ReadOnlySpan<int> observed, ReadOnlySpan<int> missing, double scale)
    {
        foreach (var i in observed)
        {
            (Mean[i], Variance[i]) = (_row[i], 0);
        }

        foreach (var i in missing)
        {
            (Mean[i], Variance[i]) = (_row[i], scale * Math.Max(Carried[RecursiveCovariance.Index(i, i)], 0));
        }
    }

    /// <summary>The row in units of a usual step and of its own scale, so that rough weather does not count for more than calm one.</summary>
    private float[] Scaled(double scale)
    {
        for (var i = 0; i < Sensors; i++)
        {
            _row[i] /= (float)(Growth[i] * scale);
        }

        return _row;
    }

    /// <summary>What was unknown of the row before makes every innovation uncertain: mean Q_·o P_oo⁻¹ x_o, covariance Q - Q_·o P_oo⁻¹ Q_o·.</summary>
    private RowOutcome LearnInnovations(FillingScratch scratch, Workspace workspace, ReadOnlySpan<int> observed, double scale)
    {
        int size = Sensors, seen = observed.Length;
        var share = Shrinkage.Share(size, Source.Rows);
        Span<double> covariance = scratch.Covariance, model = scratch.Model, cross = workspace.Second[..(size * seen)], spread = workspace.Modes[..(size * size)];
        double own = (1 - share) * (1 - _noise), graph = share * (1 - _noise);
        for (var i = 0; i < size; i++)
        {
            var row = covariance.Slice(i * size, size);
            var target = model.Slice(i * size, size);
            for (var j = 0; j < size; j++)
            {
                row[j] = i == j ? row[j] + (share * (target[j] - row[j])) : (own * row[j]) + (graph * target[j]);
            }

            for (var k = 0; k < seen; k++)
            {
                cross[(i * seen) + k] = row[observed[k]] * Growth[observed[k]];
            }
        }

        Lapack.SolveLower(workspace.First, seen, cross, size);
        Lapack.MultiplyByTranspose(size, seen, cross, spread);
        Span<int> all = stackalloc int[size];
        for (var i = 0; i < size; i++)
        {
            _row[i] = (float)(Cholesky.Dot(cross.Slice(i * seen, seen), workspace.Vector(0)[..seen]) / scale);
            all[i] = i;
            for (var j = 0; j < size; j++)
            {
                spread[(i * size) + j] = covariance[(i * size) + j] - spread[(i * size) + j];
            }
        }

        return Source.Add(_row, observed, all, spread);
    }
}
