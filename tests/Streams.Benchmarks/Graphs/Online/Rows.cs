using Streams.Processors.GraphFilter.Learning;

namespace Streams.Benchmarks.Graphs.Online;

/// <summary>Rows for measuring time, cheap at any size: smooth over the sensors' order, with noise; a thousand of them, again and again.</summary>
internal sealed class Rows
{
    private const int Drawn = 64;

    private readonly double[] _values;
    private readonly double[] _row;
    private readonly bool[] _gaps;
    private int _next;

    public Rows(int sensors)
    {
        var random = new Random(sensors);
        (_values, _row, _gaps) = (new double[Drawn * sensors], new double[sensors], new bool[Drawn * sensors]);
        for (var row = 0; row < Drawn; row++)
        {
            var level = 0d;
            for (var i = 0; i < sensors; i++)
            {
                level = (0.8 * level) + (0.6 * Normal(random));
                _values[(row * sensors) + i] = level + (0.5 * Normal(random));
                _gaps[(row * sensors) + i] = random.NextDouble() < 0.2;
            }
        }
    }

    /// <summary>The next row; overwritten by the one after it. With <paramref name="missing"/> above 0 a fifth is missing.</summary>
    public ReadOnlySpan<double> Next(double missing)
    {
        var from = _next++ % Drawn * _row.Length;
        for (var i = 0; i < _row.Length; i++)
        {
            _row[i] = missing > 0 && _gaps[from + i] ? double.NaN : _values[from + i];
        }

        return _row;
    }

    /// <summary>A Laplacian of random weights.</summary>
    public double[] Laplacian()
    {
        var random = new Random(7);
        return Edges.Laplacian([.. Enumerable.Range(0, Edges.Count(_row.Length)).Select(_ => random.NextDouble())], _row.Length);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
