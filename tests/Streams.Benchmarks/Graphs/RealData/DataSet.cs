using System.Globalization;

namespace Streams.Benchmarks.Graphs.RealData;

/// <summary>
/// Readings with a climatology to measure errors by, after ../shared/design/graph-filter.md: errors and anomalies count in standard deviations of each
/// sensor's anomalies. Hourly data: mean of the sensor with two daily harmonics, over all rows. Daily data: exponentially weighted mean of all rows before
/// (half-life 17 rows, ten readings at least), and 40 rows more before errors count, which reproduces the page's two covariance baselines within .006 (its six
/// figures; with all rows counted none does). Both know the hidden readings.
/// </summary>
internal sealed class DataSet
{
    private DataSet(string name, string[] sensors, double[][] readings, TimeSpan step, double[][] anomalies, int from, int warming)
    {
        (Name, Sensors, Step, From, Warming, Readings) = (name, sensors, step, from, warming, readings);
        Scales = [.. Enumerable.Range(0, sensors.Length).Select(i => Deviation(anomalies.Skip(from).Select(row => row[i])))];
        Anomalies = [.. anomalies.Select(row => row.Select((value, i) => value / Scales[i]).ToArray())];
    }

    public string Name { get; }

    public string[] Sensors { get; }

    public TimeSpan Step { get; }

    /// <summary>First row that has anomalies.</summary>
    public int From { get; }

    /// <summary>Rows from there on whose errors the page's figures leave out.</summary>
    public int Warming { get; }

    public double[][] Readings { get; }

    /// <summary>Standardised.</summary>
    public double[][] Anomalies { get; }

    public double[] Scales { get; }

    public static DataSet Molene(string folder)
    {
        var (sensors, rows) = Read(Path.Combine(folder, "molene", "molene_temperature_hourly_degC.csv"), 0.5);
        return new DataSet("molene", sensors, rows, TimeSpan.FromHours(1), WithoutDailyCycle(rows), 0, 0);
    }

    public static DataSet Uscrn(string folder)
    {
        var (sensors, rows) = Read(Path.Combine(folder, "uscrn", "uscrn_daily_tmean_2020.csv"), 0.9);
        return new DataSet("uscrn", sensors, rows, TimeSpan.FromDays(1), WithoutTrailingMean(rows), 10, 40);
    }

    /// <summary>Seasonal autoregressive noise through a graph filter on a ring with chords: other size and sampling than the two files.</summary>
    public static DataSet Synthetic(int seed)
    {
        const int Size = 32, Rows = 600, Day = 48;
        var random = new Random(seed);
        double[] values = new double[Size], levels = [.. Enumerable.Range(0, Size).Select(_ => 4 * Normal(random))];
        var rows = new double[Rows][];
        for (var row = 0; row < Rows; row++)
        {
            var noise = Enumerable.Range(0, Size).Select(_ => Normal(random)).ToArray();
            for (var pass = 0; pass < 3; pass++)
            {
                noise = [.. noise.Select((x, i) => (0.4 * x) + (0.2 * (noise[(i + 1) % Size] + noise[(i + Size - 1) % Size] + noise[(i + 7) % Size])))];
            }

            values = [.. values.Select((x, i) => (0.9 * x) + noise[i])];
            rows[row] = [.. values.Select((x, i) => x + levels[i] + Math.Sin((2 * Math.PI * row / Day) + (i / 16.0)) + (0.1 * Normal(random)))];
        }

        var means = Enumerable.Range(0, Size).Select(i => rows.Average(row => row[i])).ToArray();
        return new DataSet(
            "synthetic", [.. Enumerable.Range(0, Size).Select(i => $"s{i}")], rows, TimeSpan.FromMinutes(30), [.. rows.Select(row => row.Select((x, i) => x - means[i]).ToArray())], 0, 0);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Deviation(IEnumerable<double> values)
    {
        var known = values.Where(double.IsFinite).ToArray();
        var mean = known.Average();
        return Math.Sqrt(known.Average(value => (value - mean) * (value - mean)));
    }

    private static (string[] Sensors, double[][] Rows) Read(string path, double known)
    {
        var lines = File.ReadAllLines(path);
        var rows = lines.Skip(1).Select(line => line.Split(',').Skip(1)
            .Select(cell => cell.Length == 0 ? double.NaN : double.Parse(cell, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        var names = lines[0].Split(',').Skip(1).ToArray();
        var live = Enumerable.Range(0, names.Length).Where(i => rows.Count(row => !double.IsNaN(row[i])) >= known * rows.Length).ToArray();
        return ([.. live.Select(i => names[i])], [.. rows.Select(row => live.Select(i => row[i]).ToArray())]);
    }

    private static double[][] WithoutDailyCycle(double[][] rows)
    {
        static double[] Basis(int row) => [1, .. Enumerable.Range(1, 2).SelectMany(k => (double[])[Math.Cos(2 * Math.PI * k * row / 24), Math.Sin(2 * Math.PI * k * row / 24)])];
        var anomalies = rows.Select(row => new double[row.Length]).ToArray();
        for (var sensor = 0; sensor < rows[0].Length; sensor++)
        {
            var fit = LeastSquares([.. rows.Select((row, t) => (Basis(t), row[sensor])).Where(pair => !double.IsNaN(pair.Item2))]);
            for (var row = 0; row < rows.Length; row++)
            {
                anomalies[row][sensor] = rows[row][sensor] - Basis(row).Zip(fit, (x, b) => x * b).Sum();
            }
        }

        return anomalies;
    }

    /// <summary>By Gauss-Jordan on the normal equations, which are well conditioned here.</summary>
    private static double[] LeastSquares((double[] X, double Y)[] samples)
    {
        var size = samples[0].X.Length;
        var table = new double[size, size + 1];
        foreach (var (x, y) in samples)
        {
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j < size; j++)
                {
                    table[i, j] += x[i] * x[j];
                }

                table[i, size] += x[i] * y;
            }
        }

        for (var pivot = 0; pivot < size; pivot++)
        {
            for (var row = 0; row < size; row++)
            {
                var factor = row == pivot ? 0 : table[row, pivot] / table[pivot, pivot];
                for (var column = pivot; column <= size; column++)
                {
                    table[row, column] -= factor * table[pivot, column];
                }
            }
        }

        return [.. Enumerable.Range(0, size).Select(i => table[i, size] / table[i, i])];
    }

    private static double[][] WithoutTrailingMean(double[][] rows)
    {
        const double Rate = 0.04;
        double[] sums = new double[rows[0].Length], weights = new double[sums.Length];
        var counts = new int[sums.Length];
        var anomalies = new double[rows.Length][];
        for (var row = 0; row < rows.Length; row++)
        {
            anomalies[row] = [.. rows[row].Select((value, i) => counts[i] < 10 ? double.NaN : value - (sums[i] / weights[i]))];
            for (var i = 0; i < sums.Length; i++)
            {
                var known = !double.IsNaN(rows[row][i]);
                sums[i] = ((1 - Rate) * sums[i]) + (known ? rows[row][i] : 0);
                weights[i] = ((1 - Rate) * weights[i]) + (known ? 1 : 0);
                counts[i] += known ? 1 : 0;
            }
        }

        return anomalies;
    }
}
