using Streams.Processors.GraphFilter.Online;

namespace Streams.Benchmarks.Graphs.RealData;

/// <summary>
/// Conditional mean under a covariance of the standardised rows, gaps in expectation: exponentially weighted, with a small share of the identity, or
/// shrunk towards the identity by Ledoit and Wolf's (2004) share.
/// </summary>
internal sealed class CovarianceBaseline : Baseline
{
    private const double Noise = 0.03;

    private readonly double _forgetting;
    private readonly double? _share;
    private readonly bool _withoutLevels;
    private readonly double[] _covariance;
    private readonly float[] _row;
    private double[] _spread = [];
    private int[] _missing = [];
    private int _rows;
    private double _disagreement;

    /// <param name="sensors">How many.</param>
    /// <param name="levelRate">See <see cref="Baseline"/>.</param>
    /// <param name="forgetting">gamma.</param>
    /// <param name="share">Of the identity; null: Ledoit and Wolf's.</param>
    /// <param name="withoutLevels">The rows are anomalies already.</param>
    public CovarianceBaseline(int sensors, double levelRate, double forgetting, double? share, bool withoutLevels)
        : base(sensors, levelRate)
    {
        (_forgetting, _share, _withoutLevels) = (forgetting, share, withoutLevels);
        (_covariance, _row) = (new double[sensors * sensors], new float[sensors]);
        Array.Fill(_covariance, 0.5);
        for (var i = 0; i < sensors; i++)
        {
            _covariance[i * (sensors + 1)] = 1;
        }
    }

    protected override void Fill(double[] row)
    {
        int[] observed = [.. Enumerable.Range(0, Sensors).Where(i => !double.IsNaN(row[i]))];
        _missing = [.. Enumerable.Range(0, Sensors).Where(i => double.IsNaN(row[i]))];
        foreach (var i in observed)
        {
            _row[i] = (float)(_withoutLevels ? row[i] : IsKnown(i) ? Math.Clamp(Standardised(row, i), -8, 8) : 0);
        }

        var covariance = Shrunk();
        double[] factor = new double[Sensors * Sensors], cross = new double[Sensors * Sensors], whitened = new double[Sensors];
        _spread = new double[Sensors * Sensors];
        GaussianFill.Fill(covariance, _row, observed, _missing, factor, cross, whitened, _spread);
        foreach (var i in _missing)
        {
            row[i] = _withoutLevels ? _row[i] : Levels[i] + (_row[i] * Spread(i));
        }
    }

    protected override void Learn(double[] row, double[] filled)
    {
        var gain = Math.Max(1 - _forgetting, 1.0 / (++_rows + 1));
        double distance = 0, size = Sensors;
        for (var i = 0; i < Sensors; i++)
        {
            for (var j = 0; j < Sensors; j++)
            {
                var difference = ((double)_row[i] * _row[j]) - _covariance[(i * Sensors) + j];
                distance += difference * difference / size;
                _covariance[(i * Sensors) + j] += gain * difference;
            }
        }

        for (var a = 0; a < _missing.Length; a++)
        {
            for (var b = 0; b < _missing.Length; b++)
            {
                _covariance[(_missing[a] * Sensors) + _missing[b]] += gain * _spread[(a * _missing.Length) + b];
            }
        }

        _disagreement += (distance - _disagreement) / _rows;
    }

    private double[] Shrunk()
    {
        double mean = 0, distance = 0;
        for (var i = 0; i < Sensors; i++)
        {
            mean += _covariance[i * (Sensors + 1)] / Sensors;
        }

        for (var i = 0; i < _covariance.Length; i++)
        {
            var difference = _covariance[i] - (i % (Sensors + 1) == 0 ? mean : 0);
            distance += difference * difference / Sensors;
        }

        var share = _share ?? Math.Clamp(_disagreement / Math.Max(1, Math.Min(_rows, 1 / (1 - _forgetting))) / Math.Max(distance, 1e-9), 0.01, 1);
        var shrunk = _covariance.Select(value => (1 - share) * value).ToArray();
        for (var i = 0; i < Sensors; i++)
        {
            shrunk[i * (Sensors + 1)] += (share * mean) + Noise;
        }

        return shrunk;
    }
}
