namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>What a row amounts to: expectations before it, and what is kept of it.</summary>
internal sealed partial class SensorNetwork
{
    /// <summary>Rows that <see cref="GraphFilterOptions.Persistence"/> counts for in the network's.</summary>
    private const double PersistencePrior = 20;

    private const double MaxPersistence = 0.99;

    /// <summary>Values and standard deviations of the filter's sensors that have no reading in the row; moves them on.</summary>
    private Dictionary<SensorTrack, (double Value, double Deviation)?> Follow(Dictionary<SensorTrack, double> readings, long before, double steps)
    {
        var estimates = new Dictionary<SensorTrack, (double Value, double Deviation)?>();
        // Of every row, also where there is nothing to filter: a state that is restored must not differ from one that went on.
        _typicalWeight = TypicalWeight();
        if (Filter is not { } filter)
        {
            return estimates;
        }

        var typical = TypicalVariance();
        if (typical == 0)
        {
            typical = FirstVariance(readings);
        }

        var row = Members.Select(track => readings.TryGetValue(track, out var reading) ? reading : double.NaN).ToArray();
        var levels = Levels(row, typical);
        var (now, then) = Cycle(before);
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
            var expected = lasting * (track.Last - levels[i] - (Season.Share * then[i]));
            filter.Expected[i] = spread > 0 ? expected / spread : 0;
            var deviation = row[i] - levels[i] - (Season.Share * now[i]);
            filter.Residuals[i] = double.IsNaN(row[i]) ? double.NaN : spread > 0 ? Math.Clamp((deviation - expected) / spread, -1e9, 1e9) : 0;
        }

        var share = Season.Share;
        Season.Forget();
        Keep(filter.Update(), filter.DriftStatistic);
        var within = (Sum: 0d, Squares: 0d, Count: 0);
        for (var i = 0; i < spreads.Length; i++)
        {
            var track = Members[i];
            var last = track.Last - levels[i] - (share * then[i]);
            var missing = double.IsNaN(filter.Residuals[i]);
            var after = spreads[i] > 0 ? filter.Mean[i] * spreads[i] : filter.Persistence[i] * last;
            var value = levels[i] + (share * now[i]) + after;
            if (missing)
            {
                estimates[track] = (value, filter.Deviation(i) * spreads[i]);
            }
            else
            {
                within = (within.Sum + after, within.Squares + (after * after), within.Count + 1);
                if (spreads[i] > 0)
                {
                    track.Learn(spreads[i], filter.Residuals[i] / Math.Sqrt(filter.Foretold[i]), last, after, Math.Abs(steps - 1) < 0.25);
                    if (HasSeason)
                    {
                        var change = (now[i] - (filter.Persistence[i] * then[i])) / spreads[i];
                        Season.Learn(track, value - levels[i], filter.Innovations[i] + (share * change), change);
                    }
                }
            }

            Move(track, value, value - (share * now[i]), missing, steps);
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
    }

    private double NetworkPersistence()
    {
        double cross = options.Persistence * PersistencePrior, square = PersistencePrior;
        foreach (var track in Members)
        {
            (cross, square) = (cross + track.Cross, square + track.Square);
        }

        return Math.Clamp(cross / square, 0, MaxPersistence);
    }
}
