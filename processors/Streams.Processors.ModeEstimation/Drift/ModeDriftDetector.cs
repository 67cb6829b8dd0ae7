namespace Streams.Processors.ModeEstimation.Drift;

/// <summary>
/// Watches a label that was named the mode: is it one still? An e-detector (Shin, Ramdas, Rinaldo, "E-detectors: a nonparametric framework for
/// sequential change detection", 2023): before each label it bets that the strongest rival comes rather than the watched label,
/// M = (M + 1)(1 + lambda (1{rival} - 1{watched})). While the watched label is a mode, however tied, the bet gains nothing on average, and the mean
/// number of labels until a false alarm (ARL) is at least the threshold. After a change M grows exponentially, whenever the change came.
/// </summary>
/// <remarks>
/// Several lambdas are averaged, for the size of a change is not known; an average of e-detectors is one. The rival is the most frequent other label
/// of late: counts are halved every <see cref="Memory"/> labels, so that a label that comes up after a long time is soon the one that is bet on. Only additions,
/// multiplications and divisions, so that a replay raises the alarm at the same label. O(1) a label but for the halving.
/// </remarks>
internal sealed class ModeDriftDetector
{
    private const int Memory = 128;

    // Small, middling and large changes: 1 + lambda is what a label of the rival multiplies by.
    private static readonly double[] Lambdas = [0.05, 0.15, 0.4];

    private readonly double _threshold;
    private readonly double[] _evidence = new double[Lambdas.Length];
    private readonly Dictionary<int, int> _recent = [];
    private int _sinceHalved;
    private int _rival = -1;

    /// <param name="watched">The label that is taken for the mode.</param>
    /// <param name="threshold">Mean number of labels until a false alarm, at least; above 1.</param>
    public ModeDriftDetector(int watched, double threshold)
    {
        if (!(threshold is > 1 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "give the mean number of labels between false alarms, above 1, such as 10000");
        }

        (Watched, _threshold) = (watched, threshold);
    }

    public int Watched { get; }

    /// <summary>Labels seen.</summary>
    public long Seen { get; private set; }

    /// <summary>Those of them that were the watched one.</summary>
    public long SeenWatched { get; private set; }

    /// <summary>Those of them that were bet on, each the strongest rival of its time.</summary>
    public long SeenRivals { get; private set; }

    /// <summary>The evidence that the watched label is no mode any more; an alarm at the threshold.</summary>
    public double Evidence => _evidence.Sum() / Lambdas.Length;

    /// <summary>Takes a label; true when it raises the alarm.</summary>
    public bool Add(int label)
    {
        Seen++;
        SeenWatched += label == Watched ? 1 : 0;
        SeenRivals += label == _rival ? 1 : 0;
        var sign = label == Watched ? -1 : label == _rival ? 1 : 0;
        for (var i = 0; i < Lambdas.Length; i++)
        {
            _evidence[i] = (_evidence[i] + 1) * (1 + (sign * Lambdas[i]));
        }

        // After the bet: a rival may not be chosen by the label that it is bet on.
        if (label != Watched)
        {
            var count = _recent[label] = _recent.GetValueOrDefault(label) + 1;
            if (_rival < 0 || count > _recent[_rival])
            {
                _rival = label;
            }
        }

        if (++_sinceHalved == Memory)
        {
            Halve();
        }

        return Evidence >= _threshold;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(Watched);
        writer.Write(_threshold);
        writer.Write7BitEncodedInt64(Seen);
        writer.Write7BitEncodedInt64(SeenWatched);
        writer.Write7BitEncodedInt64(SeenRivals);
        foreach (var evidence in _evidence)
        {
            writer.Write(evidence);
        }

        writer.Write7BitEncodedInt(_sinceHalved);
        writer.Write7BitEncodedInt(_rival + 1);
        writer.Write7BitEncodedInt(_recent.Count);
        foreach (var (label, count) in _recent.OrderBy(pair => pair.Key))
        {
            writer.Write7BitEncodedInt(label);
            writer.Write7BitEncodedInt(count);
        }
    }

    public static ModeDriftDetector Restore(BinaryReader reader)
    {
        var detector = new ModeDriftDetector(reader.Read7BitEncodedInt(), reader.ReadDouble())
        {
            Seen = reader.Read7BitEncodedInt64(),
            SeenWatched = reader.Read7BitEncodedInt64(),
            SeenRivals = reader.Read7BitEncodedInt64(),
        };
        for (var i = 0; i < Lambdas.Length; i++)
        {
            detector._evidence[i] = reader.ReadDouble();
        }

        detector._sinceHalved = reader.Read7BitEncodedInt();
        detector._rival = reader.Read7BitEncodedInt() - 1;
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            detector._recent.Add(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
        }

        return detector;
    }

    private void Halve()
    {
        _sinceHalved = 0;
        foreach (var (label, count) in _recent.ToArray())
        {
            if (count == 1 && label != _rival)
            {
                _recent.Remove(label);
            }
            else
            {
                _recent[label] = count == 1 ? 1 : count / 2;
            }
        }
    }
}
