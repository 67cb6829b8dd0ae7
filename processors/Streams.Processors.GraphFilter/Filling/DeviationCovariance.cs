using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// The recursive covariance of the deviations, shrunk towards its own variances with the correlations of the innovations, graph and all: these are learned
/// from independent rows with a longer memory.
/// </summary>
internal sealed class DeviationCovariance(RecursiveCovariance covariance, GraphTemporalFilter innovations) : ICovarianceSource
{
    private const int FirstRows = 5;

    public RecursiveCovariance Covariance { get; private set; } = covariance;

    /// <summary>Share of the last rows' entries that were observed.</summary>
    public double ObservedShare { get; set; } = 1;

    public int Sensors => Covariance.Sensors;

    public double Rows => Covariance.EffectiveMemory * ObservedShare;

    public bool HasModel => Covariance.Count >= FirstRows;

    public void CopyTo(Span<double> covariance, Span<double> model)
    {
        var size = Sensors;
        innovations.CopyCorrelations(model, covariance);
        Symmetric.Unpack(Covariance.Lower, size, covariance);
        var mean = 0d;
        for (var i = 0; i < size; i++)
        {
            mean += covariance[(i * size) + i] / size;
        }

        // Before the first row, and for a sensor that has not moved yet, something has to stand in.
        var floor = mean > 0 ? 1e-6 * mean : 1;
        Span<double> deviations = stackalloc double[size];
        for (var i = 0; i < size; i++)
        {
            covariance[(i * size) + i] = Math.Max(covariance[(i * size) + i], floor);
            deviations[i] = Math.Sqrt(covariance[(i * size) + i]);
        }

        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                model[(i * size) + j] *= deviations[i] * deviations[j];
            }
        }
    }

    public RowOutcome Add(ReadOnlySpan<float> row, ReadOnlySpan<int> observed, ReadOnlySpan<int> uncertain, ReadOnlySpan<double> spread)
    {
        var gain = Covariance.Add(row);
        Covariance.AddSpread(gain, uncertain, spread);
        ObservedShare += gain * (((double)observed.Length / Sensors) - ObservedShare);
        return default;
    }

    /// <summary>Over other sensors: for each its former number, or -1.</summary>
    public DeviationCovariance Over(int[] places, GraphTemporalFilter filter) =>
        new(Covariance.Adopt(places, Covariance.MeanVariance()), filter) { ObservedShare = ObservedShare };
}
