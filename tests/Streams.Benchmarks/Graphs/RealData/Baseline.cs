namespace Streams.Benchmarks.Graphs.RealData;

/// <summary>Something simple that fills gaps from the past and the row itself.</summary>
internal abstract class Baseline(int sensors, double levelRate)
{
    private readonly double[] _counts = new double[sensors];

    protected int Sensors => sensors;

    /// <summary>Running mean of each sensor, or exponentially weighted one.</summary>
    protected double[] Levels { get; } = new double[sensors];

    protected double[] Variances { get; } = new double[sensors];

    protected double[] Last { get; } = [.. Enumerable.Repeat(double.NaN, sensors)];

    /// <summary>The row with its gaps filled; learns from it afterwards.</summary>
    public double[] Take(double[] row)
    {
        var filled = row.ToArray();
        Fill(filled);
        var seen = row.Where(value => !double.IsNaN(value)).DefaultIfEmpty(0).Average();
        for (var i = 0; i < filled.Length; i++)
        {
            // Nothing is known of a sensor that was never read.
            filled[i] = double.IsNaN(row[i]) && (_counts[i] == 0 || !double.IsFinite(filled[i])) ? seen : filled[i];
        }

        for (var i = 0; i < row.Length; i++)
        {
            if (!double.IsNaN(row[i]))
            {
                var rate = Math.Max(levelRate, 1 / ++_counts[i]);
                var step = row[i] - Levels[i];
                Levels[i] += rate * step;
                Variances[i] = (1 - rate) * (Variances[i] + (rate * step * step));
                Last[i] = row[i];
            }
        }

        Learn(row, filled);
        return filled;
    }

    protected double Spread(int sensor) => Math.Sqrt(Variances[sensor]) is var deviation && deviation > 1e-9 && _counts[sensor] > 1 ? deviation : 1;

    protected double Standardised(double[] row, int sensor) => (row[sensor] - Levels[sensor]) / Spread(sensor);

    protected abstract void Fill(double[] row);

    protected virtual void Learn(double[] row, double[] filled)
    {
    }

    protected bool IsKnown(int sensor) => _counts[sensor] > 0;
}

/// <summary>The newest reading.</summary>
internal sealed class LastValue(int sensors) : Baseline(sensors, 0)
{
    protected override void Fill(double[] row)
    {
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = double.IsNaN(row[i]) ? Last[i] : row[i];
        }
    }
}

/// <summary>The sensor's level and the mean distance of the others from theirs, plain or in standard deviations.</summary>
internal sealed class SpatialMean(int sensors, double levelRate, bool standardised, bool withoutLevels) : Baseline(sensors, levelRate)
{
    protected override void Fill(double[] row)
    {
        var known = Enumerable.Range(0, Sensors).Where(i => !double.IsNaN(row[i]) && IsKnown(i)).ToArray();
        var shift = known.Select(i => withoutLevels ? row[i] : standardised ? Standardised(row, i) : row[i] - Levels[i]).DefaultIfEmpty(0).Average();
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = !double.IsNaN(row[i]) ? row[i] : withoutLevels ? shift : Levels[i] + (shift * (standardised ? Spread(i) : 1));
        }
    }
}
