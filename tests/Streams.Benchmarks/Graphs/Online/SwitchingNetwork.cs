using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Benchmarks.Graphs.Online;

/// <summary>Rows of heat-filtered noise on one 2-block SBM graph, then on another: x = exp(-0.1 L) w.</summary>
internal sealed class SwitchingNetwork
{
    private const double Heat = 0.1;

    private readonly Random _random;
    private readonly double[][] _filters;
    private readonly double[] _noise;

    public SwitchingNetwork(int sensors, int seed, double within = 0.5, double across = 0.1)
    {
        (Sensors, _random, _noise) = (sensors, new Random(seed), new double[sensors]);
        Graphs = [Graph(within, across), Graph(within, across)];
        _filters = [.. Graphs.Select(Filter)];
    }

    public int Sensors { get; }

    /// <summary>0/1 for the pairs of each graph.</summary>
    public double[][] Graphs { get; }

    /// <summary>One row of the graph, each entry missing with a probability.</summary>
    public void Next(int graph, double missing, Span<double> row)
    {
        for (var i = 0; i < Sensors; i++)
        {
            _noise[i] = Normal();
        }

        for (var i = 0; i < Sensors; i++)
        {
            var value = Cholesky.Dot(_filters[graph].AsSpan(i * Sensors, Sensors), _noise);
            row[i] = _random.NextDouble() < missing ? double.NaN : value;
        }
    }

    public double F1(int graph, Func<int, bool> isEdge)
    {
        int both = 0, wrong = 0;
        for (var pair = 0; pair < Graphs[graph].Length; pair++)
        {
            var found = isEdge(pair);
            both += found && Graphs[graph][pair] > 0 ? 1 : 0;
            wrong += found != Graphs[graph][pair] > 0 ? 1 : 0;
        }

        return both == 0 ? 0 : 2.0 * both / ((2 * both) + wrong);
    }

    private double[] Graph(double within, double across)
    {
        while (true)
        {
            var edges = new double[Edges.Count(Sensors)];
            for (int i = 0, edge = 0; i < Sensors; i++)
            {
                for (var j = i + 1; j < Sensors; j++, edge++)
                {
                    edges[edge] = _random.NextDouble() < (i * 2 / Sensors == j * 2 / Sensors ? within : across) ? 1 : 0;
                }
            }

            if (Dense.Eigen(Edges.Laplacian(edges, Sensors), Sensors).Values[1] > 1e-6)
            {
                return edges;
            }
        }
    }

    private double[] Filter(double[] edges)
    {
        var (frequencies, modes) = Dense.Eigen(Edges.Laplacian(edges, Sensors), Sensors);
        return Dense.FromEigen(modes, [.. frequencies.Select(frequency => Math.Exp(-Heat * frequency))], Sensors);
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
