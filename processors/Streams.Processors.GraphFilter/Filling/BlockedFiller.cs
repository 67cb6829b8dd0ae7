using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// A large network in overlapping parts, each with a <see cref="GapFiller"/> of its own: time is linear in the number of sensors where one filter of the
/// whole would be cubic. Each gap is filled by the part whose core it is in. Parts are cut (<see cref="NetworkCut"/>) by a covariance of the filled
/// residuals and by the learned graph; before the first cut they are sensors in a row. Pairs that share no part are taken not to be edges.
/// </summary>
internal sealed partial class BlockedFiller : INetworkFilter
{
    private readonly FillingOptions _options;
    private readonly double[] _deviations;
    private readonly float[] _row;
    private List<FillerBlock> _blocks = [];

    private BlockedFiller(RecursiveCovariance covariance, FillingOptions options)
    {
        (Covariance, _options) = (covariance, options);
        var size = covariance.Sensors;
        (Residuals, Expected, Persistence, Growth, Limits) = (new double[size], new double[size], new double[size], new double[size], new double[size]);
        (Mean, Innovations, Foretold, _deviations, _row) = (new double[size], new double[size], new double[size], new double[size], new float[size]);
    }

    /// <summary>Of the filled residuals of all, without the uncertainty of gaps: good enough to tell who belongs together.</summary>
    public RecursiveCovariance Covariance { get; }

    /// <summary>Rows so far.</summary>
    public long Rows { get; private set; }

    public IReadOnlyList<NetworkPart> Parts => [.. _blocks.Select(block => block.Part)];

    public int Sensors => Covariance.Sensors;

    public double[] Residuals { get; }

    public double[] Expected { get; }

    public double[] Persistence { get; }

    public double[] Growth { get; }

    public double[] Limits { get; }

    public double[] Mean { get; }

    public double[] Innovations { get; }

    public double[] Foretold { get; }

    /// <summary>The largest of the blocks.</summary>
    public double DriftStatistic => _blocks.Max(block => block.Filler.DriftStatistic);

    public static BlockedFiller Start(int sensors, FillingOptions options)
    {
        var filler = new BlockedFiller(new RecursiveCovariance(sensors, options.Learning.Forgetting), options);
        filler._blocks.AddRange(
            Enumerable.Range(0, sensors).Chunk(options.Blocks.BlockSize).Select(members => filler.NewBlock(new NetworkPart(members, members.Length))));
        return filler;
    }

    /// <summary>Goes on from one of the whole network, which is the only part until the next cut.</summary>
    public static BlockedFiller From(GapFiller whole, FillingOptions options)
    {
        var filler = new BlockedFiller(whole.Learner.CopyOfCovariance(), options) { Rows = whole.Learner.Rows };
        filler._blocks.Add(new FillerBlock(new NetworkPart([.. Enumerable.Range(0, whole.Sensors)], whole.Sensors), whole));
        return filler;
    }

    public RowOutcome Update()
    {
        var (observed, learned, alarm) = (0, false, false);
        foreach (var block in _blocks)
        {
            block.Take(this);
            var outcome = block.Filler.Update();
            learned |= outcome.Learned;
            alarm |= outcome.Alarm;
            for (var a = 0; a < block.Part.Core; a++)
            {
                var i = block.Part.Members[a];
                (Mean[i], Innovations[i], Foretold[i]) = (block.Filler.Mean[a], block.Filler.Innovations[a], block.Filler.Foretold[a]);
                _deviations[i] = double.IsNaN(Residuals[i]) ? block.Filler.Deviation(a) : 0;
                observed += double.IsNaN(Residuals[i]) ? 0 : 1;
            }
        }

        for (var i = 0; i < Sensors; i++)
        {
            _row[i] = (float)(Innovations[i] / Growth[i]);
        }

        if (observed > 0)
        {
            Covariance.Add(_row);
            Rows++;
            var since = Rows - _options.Blocks.StartRows;
            if (since >= 0 && since % _options.Blocks.CutEvery == 0)
            {
                Cut();
            }
        }

        return new RowOutcome(observed, Sensors - observed, 0, learned, alarm);
    }

    public double Deviation(int sensor) => _deviations[sensor];

    public void Learn(ReadOnlySpan<double> residuals)
    {
        foreach (var block in _blocks)
        {
            var row = new double[block.Part.Members.Length];
            for (var a = 0; a < row.Length; a++)
            {
                row[a] = residuals[block.Part.Members[a]];
            }

            block.Filler.Learn(row);
        }
    }

    public INetworkFilter Adopt(int[] places)
    {
        var adopted = new BlockedFiller(Covariance.Adopt(places, Covariance.MeanVariance()), _options) { Rows = Rows };
        foreach (var kept in NetworkCut.Adopt(Parts, Sensors, places, _options.Blocks.BlockSize))
        {
            adopted._blocks.Add(kept.Former < 0 ? adopted.NewBlock(kept.Part) : new FillerBlock(kept.Part, _blocks[kept.Former].Over(kept.Places)));
        }

        return adopted;
    }

    /// <summary>A part that stays goes on; another one goes on from the one that it shares most sensors with, and learns from the covariance of all.</summary>
    private void Cut()
    {
        var cut = new List<FillerBlock>();
        foreach (var part in NetworkCut.Find(Covariance, Votes().Edges().Select(vote => vote.Edge), _options.Blocks))
        {
            if (_blocks.Find(block => block.Part.Core == part.Core && block.Part.Members.AsSpan().SequenceEqual(part.Members)) is { } same)
            {
                cut.Add(same);
                continue;
            }

            var nearest = _blocks.MaxBy(block => block.Part.Members.Intersect(part.Members).Count())!;
            var filler = GapFillerState.Copy(nearest.Filler, _options).Adopt([.. part.Members.Select(i => Array.IndexOf(nearest.Part.Members, i))]);
            filler.Learner.Seed(Covariance, part.Members, Rows, _options.Blocks.StartLearnings);
            cut.Add(new FillerBlock(part, filler));
        }

        _blocks = cut;
    }

    private FillerBlock NewBlock(NetworkPart part) => new(part, GapFiller.Start(new OnlineGraphLearner(part.Members.Length, _options.Learning), _options));
}
