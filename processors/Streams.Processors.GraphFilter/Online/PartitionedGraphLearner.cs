using System.ComponentModel.DataAnnotations;
using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>
/// One network of thousands of sensors in overlapping blocks, each with an <see cref="OnlineGraphLearner"/>: a community of at most
/// <see cref="PartitionOptions.BlockSize"/> sensors and those nearest to it of others, its halo. A row costs N² operations for the covariance
/// that the cuts are made by, a learning N / BlockSize small ones. The first cut is by correlation, later ones by the learned graph.
/// Pairs that share no block are taken not to be edges; each block fits its own filter to the marginal that it sees.
/// </summary>
public sealed partial class PartitionedGraphLearner
{
    private readonly PartitionOptions _partition;
    private readonly OnlineOptions _options;
    private RecursiveCovariance _covariance;
    private float[] _row;
    private double[] _filled;
    private List<Block> _blocks = [];

    /// <exception cref="ArgumentException">No sensors, or options out of their ranges.</exception>
    public PartitionedGraphLearner(int sensors, PartitionOptions? partition = null, OnlineOptions? options = null)
    {
        (_partition, _options) = (partition ?? new PartitionOptions(), (options ?? new OnlineOptions()) with { Drift = null });
        Validator.ValidateObject(_partition, new ValidationContext(_partition), validateAllProperties: true);
        ArgumentOutOfRangeException.ThrowIfLessThan(sensors, 1);
        (Sensors, _covariance) = (sensors, new RecursiveCovariance(sensors, _options.Forgetting));
        (_row, _filled) = (new float[sensors], new double[sensors]);
    }

    /// <summary>Number of sensors.</summary>
    public int Sensors { get; private set; }

    /// <summary>Rows so far.</summary>
    public long Rows { get; private set; }

    /// <summary>The sensors in the core of each block; none before the first cut.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Blocks => [.. _blocks.Select(block => block.Members[..block.Core])];

    /// <summary>
    /// Takes one row in; NaN where there is no reading. Gaps enter the common covariance with what the sensor's block fills in, 0 before the first cut.
    /// </summary>
    /// <exception cref="ArgumentException">Another number of values.</exception>
    public void Add(ReadOnlySpan<double> row)
    {
        if (row.Length != Sensors)
        {
            throw new ArgumentException($"{row.Length} values for {Sensors} sensors; give one a sensor, NaN where there is none", nameof(row));
        }

        for (var i = 0; i < Sensors; i++)
        {
            _filled[i] = Math.Abs(row[i]) <= OnlineGraphLearner.MaxReading ? row[i] : 0;
        }

        foreach (var block in _blocks)
        {
            block.Add(row, _filled);
        }

        for (var i = 0; i < Sensors; i++)
        {
            _row[i] = (float)_filled[i];
        }

        _covariance.Add(_row);
        Rows++;
        if (Rows >= _partition.StartRows && (Rows - _partition.StartRows) % _partition.CutEvery == 0)
        {
            Cut();
        }
    }

    /// <summary>The edges found, with their stability as weight. A pair that two blocks hold is one when they say so on the mean.</summary>
    public IReadOnlyList<GraphEdge> Edges()
    {
        var votes = new Dictionary<(int, int), (double Stability, int Holders)>();
        foreach (var block in _blocks)
        {
            for (int a = 0, pair = 0; a < block.Members.Length; a++)
            {
                for (var b = a + 1; b < block.Members.Length; b++, pair++)
                {
                    if (a < block.Core)
                    {
                        var (i, j) = (Math.Min(block.Members[a], block.Members[b]), Math.Max(block.Members[a], block.Members[b]));
                        var (stability, holders) = votes.GetValueOrDefault((i, j));
                        votes[(i, j)] = (stability + block.Learner.StabilityOf(pair), holders + 1);
                    }
                }
            }
        }

        return
        [
            .. votes.Where(vote => vote.Value.Stability > 0.5 * vote.Value.Holders)
                .Select(vote => new GraphEdge(vote.Key.Item1, vote.Key.Item2, vote.Value.Stability / vote.Value.Holders))
                .OrderBy(edge => edge.From).ThenBy(edge => edge.To),
        ];
    }

    private void Cut()
    {
        var links = Links();
        var cores = Communities.Find(links, _partition.BlockSize);
        var blocks = new List<Block>();
        foreach (var core in cores)
        {
            var inside = core.ToHashSet();
            var pull = new Dictionary<int, double>();
            foreach (var (other, weight) in core.SelectMany(i => links[i]).Where(link => !inside.Contains(link.Key)))
            {
                pull[other] = pull.GetValueOrDefault(other) + weight;
            }

            var halo = pull.OrderByDescending(other => other.Value).ThenBy(other => other.Key).Take(_partition.Halo).Select(other => other.Key).ToArray();
            var block = new Block([.. core, .. halo], core.Length, new OnlineGraphLearner(core.Length + halo.Length, _options));
            if (_blocks.Find(before => before.Members.AsSpan().SequenceEqual(block.Members)) is { } same)
            {
                block = same;
            }
            else
            {
                block.Learner.Seed(_covariance, block.Members, Rows, _partition.StartLearnings);
            }

            blocks.Add(block);
        }

        _blocks = blocks;
    }

    /// <summary>Each sensor's partners: its strongest correlations above its mean one, and its edges so far.</summary>
    private Dictionary<int, double>[] Links()
    {
        var links = Enumerable.Range(0, Sensors).Select(_ => new Dictionary<int, double>()).ToArray();
        var lower = _covariance.Lower;
        var scales = new double[Sensors];
        for (var i = 0; i < Sensors; i++)
        {
            var variance = lower[RecursiveCovariance.Index(i, i)];
            scales[i] = variance > 0 ? 1 / Math.Sqrt(variance) : 0;
        }

        var keys = new double[Sensors];
        var indices = new int[Sensors];
        for (var i = 0; i < Sensors; i++)
        {
            var mean = 0d;
            for (var j = 0; j < Sensors; j++)
            {
                var correlation = i == j ? 0 : lower[RecursiveCovariance.Index(Math.Max(i, j), Math.Min(i, j))] * scales[i] * scales[j];
                (keys[j], indices[j]) = (-correlation, j);
                mean += correlation / Sensors;
            }

            Array.Sort(keys, indices);
            for (var k = 0; k < Math.Min(_partition.Partners, Sensors - 1); k++)
            {
                Link(links, i, indices[k], -keys[k] - mean);
            }
        }

        foreach (var edge in Edges())
        {
            Link(links, edge.From, edge.To, 2 * edge.Weight);
        }

        return links;
    }

    private static void Link(Dictionary<int, double>[] links, int i, int j, double weight)
    {
        if (i != j && weight > 0)
        {
            links[i][j] = links[j][i] = links[i].GetValueOrDefault(j) + weight;
        }
    }

    /// <summary>The core first, the halo behind it.</summary>
    private sealed class Block(int[] members, int core, OnlineGraphLearner learner)
    {
        private readonly double[] _row = new double[members.Length];
        private readonly double[] _mean = new double[members.Length];
        private readonly double[] _variance = new double[members.Length];

        public int[] Members => members;

        public int Core => core;

        public OnlineGraphLearner Learner => learner;

        public void Add(ReadOnlySpan<double> row, Span<double> filled)
        {
            var gaps = false;
            for (var a = 0; a < members.Length; a++)
            {
                _row[a] = row[members[a]];
                gaps |= !double.IsFinite(_row[a]);
            }

            if (gaps)
            {
                learner.Fill(_row, _mean, _variance);
                for (var a = 0; a < core; a++)
                {
                    filled[members[a]] = _mean[a];
                }
            }

            learner.Add(_row);
        }
    }
}
