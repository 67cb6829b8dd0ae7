using Streams.Processors.GraphFilter.Filling;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>Where the sensors lie when nothing disturbs them.</summary>
internal sealed partial class SensorNetwork
{
    /// <summary>Readings of a level that are worth one that is independent of them.</summary>
    private const double LevelCorrelation = 5;

    /// <summary>
    /// Weight of the levels that all rows move, filled ones too, over those that readings alone move. The former follow what all sensors share through
    /// gaps, the latter do not wander where nearly all is filled.
    /// </summary>
    public Stacking LevelStacking { get; } = new();

    /// <summary>Weight of levels of their own over one for all: of anomalies, or of sensors side by side, the mean of all is the better one.</summary>
    public Stacking OwnLevels { get; } = new();

    public SeasonalCycle Season { get; } = new();

    /// <summary>A period is worth looking for.</summary>
    private bool HasSeason => options.Season > TimeSpan.Zero && 4 * Interval <= options.Season.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Levels before the row; learns from it which ones are the better.</summary>
    private double[] Levels(ReadOnlySpan<double> row, double typical)
    {
        var levels = Mixed(LevelStacking, Shrunk(track => track.Mean), Shrunk(track => track.ReadMean), row, Math.Sqrt(typical));
        var common = new double[levels.Length];
        Array.Fill(common, levels.Average());
        return Mixed(OwnLevels, levels, common, row, Math.Sqrt(typical));
    }

    /// <summary>Both mixed by the weight before the row, which is learned from next.</summary>
    private static double[] Mixed(Stacking stacking, double[] first, double[] second, ReadOnlySpan<double> row, double scale)
    {
        var weight = stacking.Weight;
        if (scale > 0)
        {
            LearnLevels(stacking, row, first, second, scale);
        }

        return [.. first.Select((level, i) => (weight * level) + ((1 - weight) * second[i]))];
    }

    /// <summary>By the distances of the readings without what they share, which the filters tell from the row itself.</summary>
    private static void LearnLevels(Stacking stacking, ReadOnlySpan<double> row, double[] moved, double[] read, double scale)
    {
        Span<double> first = stackalloc double[row.Length], second = stackalloc double[row.Length];
        var (seen, firstMean, secondMean) = (0, 0d, 0d);
        for (var i = 0; i < row.Length; i++)
        {
            if (!double.IsNaN(row[i]))
            {
                (first[seen], second[seen]) = ((row[i] - moved[i]) / scale, (row[i] - read[i]) / scale);
                (firstMean, secondMean) = (firstMean + first[seen], secondMean + second[seen]);
                seen++;
            }
        }

        if (seen < 3)
        {
            return;
        }

        for (var k = 0; k < seen; k++)
        {
            first[k] -= firstMean / seen;
            second[k] -= secondMean / seen;
        }

        stacking.Learn(first[..seen], second[..seen]);
    }

    /// <summary>The whole cycle of each of the filter's sensors at this row and at the one before.</summary>
    private (double[] Now, double[] Then) Cycle(long before)
    {
        double[] now = new double[Members.Count], then = new double[Members.Count];
        if (HasSeason && before != long.MinValue)
        {
            Season.At(options.Season, LastTime, before, Members, now, then);
        }

        return (now, then);
    }

    private void Move(SensorTrack track, double value, double withoutCycle, bool missing, double steps)
    {
        track.Last = value;
        if (missing && track.Readings <= 3)
        {
            return;
        }

        var rate = Math.Max(options.LevelRate, 1.0 / (track.Readings + 1));
        rate = steps == 1 ? rate : 1 - Math.Pow(1 - rate, steps);
        track.Mean += rate * (withoutCycle - track.Mean);
        track.ReadMean += missing ? 0 : rate * (withoutCycle - track.ReadMean);
    }

    /// <summary>
    /// Where the sensors lie: their means, drawn towards the mean of all as far as the differences between them are no larger than
    /// what few readings explain (empirical Bayes). It matters only while readings are few.
    /// </summary>
    private double[] Shrunk(Func<SensorTrack, double> mean)
    {
        var levels = new double[Members.Count];
        double sum = 0, squares = 0, noise = 0;
        for (var i = 0; i < levels.Length; i++)
        {
            levels[i] = mean(Members[i]);
            sum += levels[i] / levels.Length;
            noise += LevelNoise(Members[i]) / levels.Length;
        }

        if (levels.Length < 3)
        {
            return levels;
        }

        foreach (var level in levels)
        {
            squares += (level - sum) * (level - sum) / (levels.Length - 1);
        }

        var between = Math.Max(squares - noise, 0);
        for (var i = 0; i < levels.Length; i++)
        {
            var own = LevelNoise(Members[i]);
            levels[i] = own > 0 ? sum + (between / (between + own) * (levels[i] - sum)) : levels[i];
        }

        return levels;
    }

    private double LevelNoise(SensorTrack track) => 0.5 * Within * Math.Min(1, LevelCorrelation / Math.Min(track.Readings, 1 / options.LevelRate));
}
