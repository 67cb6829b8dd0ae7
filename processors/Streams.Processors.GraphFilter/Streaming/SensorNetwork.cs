using Streams.Processors.GraphFilter.Drift;
using Streams.Processors.GraphFilter.Filling;
using Streams.Processors.GraphFilter.Online;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>
/// The state of one network, moved on row by row. Each sensor has a slowly moving level, maybe a cycle about it, and a deviation that partly persists; what a
/// reading adds to that expectation, its innovation, is what sensors share through the graph. So season and weather are out of the
/// covariance, and nothing ever looks at a later row. The arithmetic of a row is in <see cref="GapFiller"/>.
/// </summary>
internal sealed partial class SensorNetwork(GraphFilterOptions options)
{
    /// <summary>A reading further than this many standard deviations out moves level and covariance as if it lay there.</summary>
    private const double Outlier = 10;

    /// <summary>Readings before a sensor's own spread is trusted enough to call one an outlier.</summary>
    private const int OutlierReadings = 10;

    private readonly Dictionary<string, SensorTrack> _byName = new(StringComparer.Ordinal);
    private readonly FillingOptions _filling = Filling(options);

    public GraphFilterOptions Options => options;

    public List<SensorTrack> Tracks { get; } = [];

    /// <summary>Former names of sensors that were renamed, and what they are called now.</summary>
    public SortedDictionary<string, string> Renamed { get; } = new(StringComparer.Ordinal);

    /// <summary>Event times of the last rows, a ring.</summary>
    public long[] Times { get; } = new long[options.WindowRows];

    /// <summary>Rows that had a reading.</summary>
    public long Rows { get; set; }

    public long RowsAtLastGraph { get; set; } = -1;

    /// <summary>Pairs of <see cref="Members"/> that were edges of the last graph, ascending; null: none was published of these sensors.</summary>
    public int[]? PublishedEdges { get; set; }

    public long LateRows { get; set; }

    public long LastTime { get; set; } = long.MinValue;

    /// <summary>Usual event time between two rows, µs; 0: not known yet.</summary>
    public double Interval { get; set; }

    /// <summary>Mean square of the deviations of sensors from their levels, without what all share.</summary>
    public double Within { get; set; }

    /// <summary>The sensors of <see cref="Filter"/>, in its order: those read before and not still.</summary>
    public List<SensorTrack> Members { get; } = [];

    /// <summary>Null: no sensor was read yet.</summary>
    public INetworkFilter? Filter { get; set; }

    /// <summary>Alarms of the drift test since the last graph.</summary>
    public List<DriftAlarm> Alarms { get; } = [];

    /// <summary>The last row moved the graph.</summary>
    public bool HasLearned { get; private set; }

    /// <summary>Rows in <see cref="Times"/>.</summary>
    public int WindowCount { get; set; }

    public long OldestTime => Times[(Rows - WindowCount) % options.WindowRows];

    public void Restore(SensorTrack track)
    {
        Tracks.Add(track);
        _byName.Add(track.Name, track);
    }

    /// <summary>The deviations' covariance remembers a quarter of what the innovations' does: it follows the weather.</summary>
    public static FillingOptions Filling(GraphFilterOptions options) => new(
        new OnlineOptions
        {
            Forgetting = Forgetting(options.WindowRows),
            LearnEvery = options.LearnEveryRows,
            LearnsEarly = true,
            FirstSteps = options.Iterations,
            StepsPerLearning = options.WarmIterations,
            MinRows = options.MinRows,
            Sign = options.Sign,
            UnitVariances = true,
            NoiseVariance = options.NoiseVariance,
            Drift = new DriftOptions { TestEvery = options.TestDriftEveryRows },
            OnAlarm = options.OnDrift,
        },
        Forgetting(options.WindowRows / 4.0),
        options.NoiseVariance,
        new PartitionOptions
        {
            BlockSize = options.BlockSensors,
            Halo = options.BlockSensors / 4,
            StartRows = Math.Max(options.MinRows, options.WindowRows / 4),
            CutEvery = options.WindowRows,
            StartLearnings = 2,
        });

    /// <summary>gamma of a covariance that amounts to so many rows.</summary>
    private static double Forgetting(double rows) => Math.Clamp((rows - 1) / (rows + 1), 0.5, 0.99999);

    /// <summary>Moves on by one row and fills its gaps. False: the row had no reading and is not counted.</summary>
    public bool Add(long time, SensorTrack[] columns, ReadOnlySpan<double> row, List<ImputedValue> filled)
    {
        var (before, steps) = (LastTime, Elapsed(time));
        LastTime = time;
        HasLearned = false;
        Enrol();
        var readings = new Dictionary<SensorTrack, double>(columns.Length);
        var any = false;
        for (var i = 0; i < columns.Length; i++)
        {
            readings[columns[i]] = row[i];
            any |= !double.IsNaN(row[i]);
        }

        if (any)
        {
            Times[Rows % options.WindowRows] = time;
            Rows++;
            WindowCount = Math.Min(WindowCount + 1, options.WindowRows);
        }

        var others = Others(row);
        var estimates = Follow(readings, before, steps);
        for (var i = 0; i < columns.Length; i++)
        {
            if (double.IsNaN(row[i]) && (estimates.TryGetValue(columns[i], out var estimate) ? estimate : Unlearned(columns[i], others)) is { } known)
            {
                filled.Add(new ImputedValue(
                    EventTime.FromMicroseconds(time), columns[i].Name, Numbers.Significant(known.Value), Numbers.Significant(known.Deviation)));
            }
            else if (!double.IsNaN(row[i]))
            {
                if (columns[i].Readings == 0)
                {
                    (columns[i].Mean, columns[i].ReadMean, columns[i].Last) = (row[i], row[i], row[i]);
                }

                columns[i].Read(row[i], Rows);
            }
        }

        return any;
    }

    /// <summary>Learns from the last rows' innovations, oldest first, one array a track: for a state of a version that kept them.</summary>
    public void LearnAgain(IReadOnlyList<float[]> innovations, int rows)
    {
        Enrol();
        if (Filter is null)
        {
            return;
        }

        var typical = TypicalVariance();
        var values = new double[Members.Count];
        for (var row = rows; row > 0; row--)
        {
            for (var i = 0; i < values.Length; i++)
            {
                var ring = innovations[Tracks.IndexOf(Members[i])];
                var spread = Math.Sqrt(Variance(Members[i], typical));
                values[i] = spread > 0 ? Math.Clamp(ring[^row] / spread, -Outlier, Outlier) : double.NaN;
            }

            Filter.Learn(values);
        }

        Alarms.Clear();
    }

    /// <summary>Event time since the last row, in usual steps.</summary>
    private double Elapsed(long time)
    {
        const double Rate = 0.02, Shortest = 0.01, Longest = 1_000, Jump = 10;
        if (LastTime == long.MinValue)
        {
            return 1;
        }

        var passed = (double)time - LastTime;
        if (Interval <= 0)
        {
            Interval = passed;
        }

        var steps = passed / Interval;
        Interval += Math.Max(Rate, 1.0 / (Rows + 1)) * (Math.Min(passed, Jump * Interval) - Interval);
        return Math.Clamp(steps, Shortest, Longest);
    }

    /// <summary>Brings the filter's sensors up to date: one that was read joins, one that is still leaves.</summary>
    private void Enrol()
    {
        var wanted = Tracks.Where(track => track.Readings > 0 && !track.IsStill(options.WindowRows / 2)).ToHashSet();
        if (wanted.Count == Members.Count && Members.TrueForAll(wanted.Contains))
        {
            return;
        }

        SensorTrack[] members = [.. Members.Where(wanted.Contains), .. Tracks.Where(track => wanted.Contains(track) && !Members.Contains(track))];
        int[] places = [.. members.Select(track => Members.IndexOf(track))];
        Filter = members.Length == 0
            ? null
            : Filter switch
            {
                null => Start(members.Length),
                GapFiller whole when members.Length > options.WholeSensors => BlockedFiller.From(whole, _filling).Adopt(places),
                _ => Filter.Adopt(places),
            };

        Members.Clear();
        Members.AddRange(members);
        PublishedEdges = null;
    }

    private INetworkFilter Start(int sensors) => sensors > options.WholeSensors
        ? BlockedFiller.Start(sensors, _filling)
        : GapFiller.Start(new OnlineGraphLearner(sensors, _filling.Learning), _filling);

    /// <summary>A sensor that is still goes on as it is; one never read takes the mean of the others.</summary>
    private (double Value, double Deviation)? Unlearned(SensorTrack track, (double Value, double Deviation)? others) =>
        track.Readings == 0 ? others : (track.LastReading, Math.Sqrt(Variance(track, TypicalVariance())));

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
}
