using Streams.Processors.GraphFilter.Filling;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>
/// The state of one network, moved on row by row. Each sensor has a slowly moving level and a deviation that partly persists; what a
/// reading adds to that expectation, its innovation, is what sensors share through the graph. So season and weather are out of the
/// covariance, and nothing ever looks at a later row.
/// </summary>
internal sealed class SensorNetwork(GraphFilterOptions options)
{
    /// <summary>A reading further than this many standard deviations out moves level and covariance as if it lay there.</summary>
    private const double Outlier = 10;

    /// <summary>Readings before a sensor's own spread is trusted enough to call one an outlier.</summary>
    private const int OutlierReadings = 10;

    /// <summary>Readings that the network's median spread counts for in a sensor's own.</summary>
    private const double SpreadPrior = 5;

    private readonly Dictionary<string, SensorTrack> _byName = new(StringComparer.Ordinal);

    public GraphFilterOptions Options => options;

    public List<SensorTrack> Tracks { get; } = [];

    /// <summary>Event times of the window's rows, a ring.</summary>
    public long[] Times { get; } = new long[options.WindowRows];

    /// <summary>Rows that had a reading.</summary>
    public long Rows { get; set; }

    public long RowsAtLastGraph { get; set; } = -1;

    public long LateRows { get; set; }

    public long LastTime { get; set; } = long.MinValue;

    public LearnedModel? Model { get; set; }

    /// <summary>Rows in the window.</summary>
    public int WindowCount { get; set; }

    public long OldestTime => Times[(Rows - WindowCount) % options.WindowRows];

    public void Restore(SensorTrack track)
    {
        Tracks.Add(track);
        _byName.Add(track.Name, track);
    }

    /// <summary>Names the columns of the rows to come. Sensors without a column rest; once the window has nothing of one, it is forgotten.</summary>
    public SensorTrack[] Attend(IReadOnlyList<string> sensors)
    {
        var columns = new SensorTrack[sensors.Count];
        foreach (var track in Tracks)
        {
            track.Present = false;
        }

        for (var i = 0; i < columns.Length; i++)
        {
            if (!_byName.TryGetValue(sensors[i], out var track))
            {
                Restore(track = new SensorTrack(sensors[i], options.WindowRows));
            }

            track.Present = true;
            columns[i] = track;
        }

        Forget(track => track.InWindow == 0);
        var room = options.MaxSensors - columns.Length;
        if (Tracks.Count > options.MaxSensors)
        {
            var resting = 0;
            Forget(_ => resting++ >= room);
        }

        return columns;
    }

    /// <summary>Moves on by one row and fills its gaps. False: the row had no reading and is not counted.</summary>
    public bool Add(long time, SensorTrack[] columns, ReadOnlySpan<double> row, List<ImputedValue> filled)
    {
        LastTime = time;
        var spreads = Spreads();
        var readings = new Dictionary<SensorTrack, double>(columns.Length);
        for (var i = 0; i < columns.Length; i++)
        {
            readings[columns[i]] = row[i];
        }

        var estimates = Estimate(columns, row, spreads, readings);
        var any = false;
        var place = (int)(Rows % options.WindowRows);
        for (var i = 0; i < columns.Length; i++)
        {
            var missing = double.IsNaN(row[i]);
            any |= !missing;
            if (missing && estimates[i] is { } estimate)
            {
                filled.Add(new ImputedValue(
                    EventTime.FromMicroseconds(time), columns[i].Name, Numbers.Significant(estimate.Value), Numbers.Significant(estimate.Deviation)));
            }
        }

        for (var i = 0; i < columns.Length; i++)
        {
            Move(columns[i], row[i], estimates[i]?.Value, spreads[columns[i]], any ? place : -1);
        }

        if (!any)
        {
            return false;
        }

        foreach (var track in Tracks)
        {
            if (!track.Present)
            {
                track.Put(place, float.NaN);
            }
        }

        Times[place] = time;
        Rows++;
        WindowCount = Math.Min(WindowCount + 1, options.WindowRows);
        return true;
    }

    /// <summary>Standard deviation of each sensor's innovations, drawn towards the network's median while there are few.</summary>
    public Dictionary<SensorTrack, double> Spreads()
    {
        var squares = Tracks.Select(track => (Track: track, Square: track.MeanSquare())).ToArray();
        var known = squares.Where(pair => pair.Track.InWindow >= 2).Select(pair => pair.Square).Order().ToArray();
        var typical = known.Length > 0 ? known[known.Length / 2] : squares.Max(pair => pair.Square);
        return squares.ToDictionary(
            pair => pair.Track,
            pair => Math.Sqrt(((SpreadPrior * typical) + (pair.Track.InWindow * pair.Square)) / (SpreadPrior + pair.Track.InWindow)));
    }

    private void Move(SensorTrack track, double reading, double? estimate, double spread, int place)
    {
        var missing = double.IsNaN(reading);
        if (track.Readings == 0)
        {
            if (!missing)
            {
                (track.Level, track.Deviation) = (reading, 0);
                track.Read(reading);
            }

            if (place >= 0)
            {
                track.Put(place, float.NaN);
            }

            return;
        }

        var expected = track.Expected(options.Persistence);
        var innovation = (missing ? estimate ?? expected : reading) - expected;
        if (track.Readings >= OutlierReadings && spread > 0)
        {
            innovation = Math.Clamp(innovation, -Outlier * spread, Outlier * spread);
        }

        if (place >= 0)
        {
            track.Put(place, missing ? float.NaN : (float)innovation);
        }

        if (!missing)
        {
            track.Read(reading);
        }

        var rate = Math.Max(options.LevelRate, 1.0 / (track.Readings + 1));
        var deviation = expected - track.Level + innovation;
        track.Level += rate * deviation;
        track.Deviation = (1 - rate) * deviation;
    }

    /// <summary>For each column without a reading its mean and standard deviation; null while nothing can be said.</summary>
    private (double Value, double Deviation)?[] Estimate(
        SensorTrack[] columns, ReadOnlySpan<double> row, Dictionary<SensorTrack, double> spreads, Dictionary<SensorTrack, double> readings)
    {
        var estimates = new (double Value, double Deviation)?[columns.Length];
        var gaps = Enumerable.Range(0, columns.Length).Where(i => double.IsNaN(readings[columns[i]])).ToArray();
        if (gaps.Length == 0)
        {
            return estimates;
        }

        var learned = FromModel(spreads, readings);
        var (sum, count, squares) = (0d, 0, 0d);
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].Readings > 0 && !double.IsNaN(row[i]))
            {
                var innovation = row[i] - columns[i].Expected(options.Persistence);
                squares += innovation * innovation;
                var spread = spreads[columns[i]];
                sum += spread > 0 ? Math.Clamp(innovation / spread, -Outlier, Outlier) : 0;
                count++;
            }
        }

        var rowSpread = count > 0 ? Math.Sqrt(squares / count) : 0;
        var others = Others(row);
        var common = CommonMode.Predict(sum, count, options.NoiseVariance);
        foreach (var i in gaps)
        {
            var track = columns[i];
            if (track.Readings == 0)
            {
                estimates[i] = others;
                continue;
            }

            var spread = spreads[track];
            if (track.IsStill)
            {
                estimates[i] = (track.LastReading, spread);
                continue;
            }

            var (mean, variance) = learned.TryGetValue(track.Name, out var known)
                ? known
                : (common.Mean, common.Variance * (1 + (1d / track.Readings)));
            var scale = spread > 0 ? spread : rowSpread;
            estimates[i] = (track.Expected(options.Persistence) + (mean * spread), scale * Math.Sqrt(variance));
        }

        return estimates;
    }

    private Dictionary<string, (double Mean, double Variance)> FromModel(
        Dictionary<SensorTrack, double> spreads, Dictionary<SensorTrack, double> readings)
    {
        var result = new Dictionary<string, (double Mean, double Variance)>(StringComparer.Ordinal);
        if (Model is not { } model)
        {
            return result;
        }

        var values = new double[model.Sensors.Length];
        var missing = new List<int>();
        for (var i = 0; i < values.Length; i++)
        {
            if (_byName.TryGetValue(model.Sensors[i], out var track) && track.Present && readings.TryGetValue(track, out var reading)
                && !double.IsNaN(reading) && spreads[track] > 0)
            {
                values[i] = Math.Clamp((reading - track.Expected(options.Persistence)) / spreads[track], -Outlier, Outlier);
            }
            else
            {
                missing.Add(i);
            }
        }

        var covariance = ConditionalMean.Fill(model.Precision, values, [.. missing]);
        for (var a = 0; a < missing.Count; a++)
        {
            result[model.Sensors[missing[a]]] = (values[missing[a]], covariance[(a * missing.Count) + a]);
        }

        return result;
    }

    /// <summary>Mean and spread over the sensors read in this row: all that is known of a sensor never read before.</summary>
    private static (double Value, double Deviation)? Others(ReadOnlySpan<double> row)
    {
        double sum = 0, squares = 0;
        var count = 0;
        foreach (var reading in row)
        {
            if (!double.IsNaN(reading))
            {
                count++;
                var step = reading - (count == 1 ? 0 : sum / (count - 1));
                squares += count == 1 ? 0 : step * step * (count - 1) / count;
                sum += reading;
            }
        }

        return count < 2 ? null : (sum / count, Math.Sqrt(squares / (count - 1) * (1 + (1d / count))));
    }

    private void Forget(Func<SensorTrack, bool> choose)
    {
        foreach (var track in Tracks.Where(track => !track.Present && choose(track)).ToArray())
        {
            Tracks.Remove(track);
            _byName.Remove(track.Name);
        }
    }
}
