using Streams.Processors.GraphFilter.Online;

namespace Streams.GraphFilter.Tests.Online;

/// <summary>Rows of filtered noise on a known graph, one at a time.</summary>
internal sealed class NetworkStream(int sensors, int seed, string family = "sbm", string filter = "heat")
{
    private readonly Random _random = new(seed);
    private readonly double[] _noise = new double[sensors];
    private readonly double[] _row = new double[sensors];
    private double[]? _operator;

    /// <summary>0/1 for each pair.</summary>
    public double[] Edges { get; private set; } = [];

    /// <summary>The next row, overwritten by the one after it.</summary>
    public double[] Next(double missing = 0)
    {
        if (_operator is null)
        {
            Edges = Synthetic.Graph(family, sensors, _random);
            _operator = Synthetic.Operator(Edges, sensors, Synthetic.Filter(filter));
        }

        for (var i = 0; i < sensors; i++)
        {
            _noise[i] = Synthetic.Normal(_random);
        }

        for (var i = 0; i < sensors; i++)
        {
            var value = 0d;
            for (var j = 0; j < sensors; j++)
            {
                value += _operator[(i * sensors) + j] * _noise[j];
            }

            _row[i] = _random.NextDouble() < missing ? double.NaN : value;
        }

        return _row;
    }

    /// <summary>Another graph from the next row on.</summary>
    public void Switch() => _operator = null;

    public void Feed(OnlineGraphLearner learner, int rows, double missing = 0)
    {
        for (var row = 0; row < rows; row++)
        {
            learner.Add(Next(missing));
        }
    }

    public double F1(OnlineGraphLearner learner)
    {
        int both = 0, wrong = 0;
        for (int i = 0, pair = 0; i < sensors; i++)
        {
            for (var j = i + 1; j < sensors; j++, pair++)
            {
                var found = learner.IsEdge(i, j);
                both += found && Edges[pair] > 0 ? 1 : 0;
                wrong += found != Edges[pair] > 0 ? 1 : 0;
            }
        }

        return 2.0 * both / ((2 * both) + wrong);
    }
}
