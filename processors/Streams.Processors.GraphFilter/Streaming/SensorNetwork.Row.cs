namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>What a row amounts to: expectations before it, and what is kept of it.</summary>
internal sealed partial class SensorNetwork
{
    /// <summary>Innovations that the network's typical variance counts for in a sensor's own.</summary>
    private const double VariancePrior = 5;

    /// <summary>Rows that <see cref="GraphFilterOptions.Persistence"/> counts for in the network's.</summary>
    private const double PersistencePrior = 20;

    /// <summary>Readings of a level that are worth one that is independent of them.</summary>
    private const double LevelCorrelation = 5;

    private const double MaxPersistence = 0.99;

    /// <summary>Values and standard deviations of the filter's sensors that have no reading in the row; moves them on.</summary>
    private Dictionary<SensorTrack, (double Value, double Deviation)?> Follow(Dictionary<SensorTrack, double> readings, double steps)
    {
        var estimates = new Dictionary<SensorTrack, (double Value, double Deviation)?>();
        if (Filter is not { } filler)
        {
            return estimates;
        }

        var filter = filler.Temporal;
        var levels = Levels();
        var typical = TypicalVariance();
        if (typical == 0)
        {
            typical = FirstVariance(readings);
        }

        var persistence = NetworkPersistence();
        var spreads = new double[Members.Count];
        for (var i = 0; i < spreads.Length; i++)
        {
            var track = Members[i];
            var spread = spreads[i] = Math.Sqrt(Variance(track, typical));
            var phi = track.Persistence(persistence);
            var lasting = steps == 1 ? phi : Math.Pow(phi, steps);
            filter.Persistence[i] = lasting;
            filter.Growth[i] = steps == 1 ? 1 : Math.Sqrt((1 - (lasting * lasting)) / (1 - (phi * phi)));
            filter.Limits[i] = track.Readings >= OutlierReadings ? Outlier : double.MaxValue;
            var expected = levels[i] + (lasting * (track.Last - levels[i]));
            filter.Residuals[i] = !readings.TryGetValue(track, out var reading) || double.IsNaN(reading) ? double.NaN
                : spread > 0 ? Math.Clamp((reading - expected) / spread, -1e9, 1e9) : 0;
            filler.Spatial.Residuals[i] = filter.Residuals[i] + (spread > 0 ? (expected - levels[i]) / spread : 0);
            filler.Spatial.Limits[i] = filter.Limits[i];
        }

        var outcome = filler.Update();
        Keep(outcome, filler.Graph.Learner.DriftStatistic);
        var within = (Sum: 0d, Squares: 0d, Count: 0);
        for (var i = 0; i < spreads.Length; i++)
        {
            var track = Members[i];
            var before = track.Last - levels[i];
            var missing = double.IsNaN(filter.Residuals[i]);
            var value = levels[i] + (filter.Persistence[i] * before) + (filter.Mean[i] * spreads[i]);
            if (missing)
            {
                value += (1 - filler.Weight) * (levels[i] + (filler.Spatial.Mean[i] * spreads[i]) - value);
                estimates[track] = (value, filler.Deviation(i) * spreads[i]);
            }
            else
            {
                var after = value - levels[i];
                within = (within.Sum + after, within.Squares + (after * after), within.Count + 1);
                if (spreads[i] > 0)
                {
                    track.Learn(spreads[i], filter.Residuals[i] / Math.Sqrt(filter.Expected[i]), before, after, Math.Abs(steps - 1) < 0.25);
                }
            }

            Move(track, value, missing, steps);
        }

        if (within.Count > 2)
        {
            var square = (within.Squares - (within.Sum * within.Sum / within.Count)) / (within.Count - 1);
            Within += Math.Max(0.01, 1.0 / (Rows + 1)) * (square - Within);
        }

        return estimates;
    }

    private void Keep(Online.RowOutcome outcome, double statistic)
    {
        const int Most = 16;
        HasLearned = outcome.Learned;
        if (outcome.Alarm && Alarms.Count < Most)
        {
            Alarms.Add(new Schemas.Results.DriftAlarm(Schemas.EventTime.FromMicroseconds(LastTime), Numbers.Significant(statistic, 4), options.OnDrift.ToString()));
        }

        if (outcome.Learned && Filter!.Graph.Learner.Learnings == 1)
        {
            // From here on it goes on from where it was: fewer steps.
            Filter.Graph.Learner = Online.OnlineGraphLearner.Restore(Filter.Graph.Learner.Save(), Learning(options, first: false));
        }
    }

    private void Move(SensorTrack track, double value, bool missing, double steps)
    {
        track.Last = value;
        if (missing && track.Readings <= 3)
        {
            return;
        }

        var rate = Math.Max(options.LevelRate, 1.0 / (track.Readings + 1));
        rate = steps == 1 ? rate : 1 - Math.Pow(1 - rate, steps);
        track.Mean += rate * (value - track.Mean);
    }

    /// <summary>
    /// Where the sensors lie: their means, drawn towards the mean of all as far as the differences between them are no larger than
    /// what few readings explain (empirical Bayes). It matters only while readings are few.
    /// </summary>
    private double[] Levels()
    {
        var levels = new double[Members.Count];
        double sum = 0, squares = 0, noise = 0;
        for (var i = 0; i < levels.Length; i++)
        {
            levels[i] = Members[i].Mean;
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

    private double NetworkPersistence()
    {
        double cross = options.Persistence * PersistencePrior, square = PersistencePrior;
        foreach (var track in Members)
        {
            (cross, square) = (cross + track.Cross, square + track.Square);
        }

        return Math.Clamp(cross / square, 0, MaxPersistence);
    }

    /// <summary>Median of the sensors' variances.</summary>
    private double TypicalVariance()
    {
        var known = Tracks.Where(track => track.Innovations >= 2).Select(track => track.Variance).Order().ToArray();
        return known.Length > 0 ? known[known.Length / 2] : Tracks.Select(track => track.Variance).DefaultIfEmpty(0).Max();
    }

    /// <summary>Of the first row that says something about it.</summary>
    private double FirstVariance(Dictionary<SensorTrack, double> readings)
    {
        var (sum, count) = (0d, 0);
        foreach (var track in Members)
        {
            if (readings.TryGetValue(track, out var reading) && !double.IsNaN(reading))
            {
                sum += (reading - track.Last) * (reading - track.Last);
                count++;
            }
        }

        return count == 0 ? 0 : sum / count;
    }

    private static double Variance(SensorTrack track, double typical) =>
        ((VariancePrior * typical) + (track.Innovations * track.Variance)) / (VariancePrior + track.Innovations);
}
