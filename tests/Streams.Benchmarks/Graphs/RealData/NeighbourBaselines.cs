namespace Streams.Benchmarks.Graphs.RealData;

/// <summary>Correlations of pairs of sensors over the rows that have both.</summary>
internal abstract class CorrelationBaseline(int sensors, double levelRate, int neighbours) : Baseline(sensors, levelRate)
{
    private readonly double[,] _products = new double[sensors, sensors];
    private readonly double[,] _counts = new double[sensors, sensors];

    /// <summary>Of the sensors that <paramref name="choose"/> takes, the most correlated ones.</summary>
    protected (int Sensor, double Weight)[] Nearest(int sensor, Func<int, bool> choose) =>
    [
        .. Enumerable.Range(0, Sensors).Where(other => other != sensor && choose(other))
            .Select(other => (Sensor: other, Weight: Math.Max(0.01, _products[sensor, other] / (_counts[sensor, other] + 5))))
            .OrderByDescending(pair => pair.Weight).Take(neighbours),
    ];

    protected override void Learn(double[] row, double[] filled)
    {
        for (var i = 0; i < Sensors; i++)
        {
            for (var j = 0; j < Sensors; j++)
            {
                if (!double.IsNaN(row[i]) && !double.IsNaN(row[j]))
                {
                    _products[i, j] += Math.Clamp(Standardised(row, i), -4, 4) * Math.Clamp(Standardised(row, j), -4, 4);
                    _counts[i, j]++;
                }
            }
        }
    }
}

/// <summary>Weighted mean of the nearest observed sensors.</summary>
internal sealed class NearestNeighbours(int sensors, double levelRate, int neighbours) : CorrelationBaseline(sensors, levelRate, neighbours)
{
    protected override void Fill(double[] row)
    {
        var given = row.ToArray();
        for (var i = 0; i < row.Length; i++)
        {
            if (double.IsNaN(row[i]))
            {
                var near = Nearest(i, other => !double.IsNaN(given[other]) && IsKnown(other));
                var weight = near.Sum(pair => pair.Weight);
                row[i] = Levels[i] + (Spread(i) * (near.Length == 0 ? 0 : near.Sum(pair => pair.Weight * Standardised(given, pair.Sensor)) / weight));
            }
        }
    }
}

/// <summary>Harmonic function on the graph of the most correlated sensors: each gap is the weighted mean of its neighbours.</summary>
internal sealed class Harmonic(int sensors, double levelRate, int neighbours) : CorrelationBaseline(sensors, levelRate, neighbours)
{
    private const int RowsPerGraph = 12;
    private const int Sweeps = 40;

    private (int Sensor, double Weight)[][] _graph = [];
    private int _rows;

    protected override void Fill(double[] row)
    {
        if (_rows++ % RowsPerGraph == 0)
        {
            _graph = [.. Enumerable.Range(0, Sensors).Select(i => Nearest(i, IsKnown))];
        }

        int[] gaps = [.. Enumerable.Range(0, Sensors).Where(i => double.IsNaN(row[i]))];
        var values = row.Select((value, i) => double.IsNaN(value) || !IsKnown(i) ? 0 : Standardised(row, i)).ToArray();
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            foreach (var i in gaps)
            {
                var weight = _graph[i].Sum(pair => pair.Weight);
                values[i] = weight > 0 ? _graph[i].Sum(pair => pair.Weight * values[pair.Sensor]) / weight : 0;
            }
        }

        foreach (var i in gaps)
        {
            row[i] = Levels[i] + (values[i] * Spread(i));
        }
    }
}
