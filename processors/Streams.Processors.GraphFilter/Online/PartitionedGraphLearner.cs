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
    public IReadOnlyList<IReadOnlyList<int>> Blocks => [.. _blocks.Select(block => block.Part.Members[..block.Part.Core])];

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
        var votes = new PartVotes();
        foreach (var block in _blocks)
        {
            votes.Add(block.Part, block.Learner);
        }

        return [.. votes.Edges().Select(vote => vote.Edge)];
    }

    private void Cut()
    {
        var blocks = new List<Block>();
        foreach (var part in NetworkCut.Find(_covariance, Edges(), _partition))
        {
            var block = _blocks.Find(before => before.Part.Members.AsSpan().SequenceEqual(part.Members));
            if (block is null)
            {
                block = new Block(part, new OnlineGraphLearner(part.Members.Length, _options));
                block.Learner.Seed(_covariance, part.Members, Rows, _partition.StartLearnings);
            }

            blocks.Add(block);
        }

        _blocks = blocks;
    }

    private sealed class Block(NetworkPart part, OnlineGraphLearner learner)
    {
        private readonly double[] _row = new double[part.Members.Length];
        private readonly double[] _mean = new double[part.Members.Length];
        private readonly double[] _variance = new double[part.Members.Length];

        public NetworkPart Part => part;

        public OnlineGraphLearner Learner => learner;

        public void Add(ReadOnlySpan<double> row, Span<double> filled)
        {
            var (members, gaps) = (part.Members, false);
            for (var a = 0; a < members.Length; a++)
            {
                _row[a] = row[members[a]];
                gaps |= !double.IsFinite(_row[a]);
            }

            if (gaps)
            {
                learner.Fill(_row, _mean, _variance);
                for (var a = 0; a < part.Core; a++)
                {
                    filled[members[a]] = _mean[a];
                }
            }

            learner.Add(_row);
        }
    }
}
