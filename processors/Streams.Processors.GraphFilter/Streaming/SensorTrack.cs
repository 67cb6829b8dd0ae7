namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>What is remembered of one sensor.</summary>
internal sealed class SensorTrack(string name)
{
    /// <summary>Equal readings before a sensor may be called still.</summary>
    private const int StillReadings = 5;

    /// <summary>What one row leaves of the weight of those before it in the persistence and the spread.</summary>
    private const double Memory = 0.995;

    /// <summary>Rows that the network's persistence counts for in a sensor's own.</summary>
    private const double PersistencePrior = 10;

    private const double MaxPersistence = 0.998;

    /// <summary>A residual counts as at most this many expected standard deviations in the spread.</summary>
    private const double SpreadLimit = 5.5;

    public string Name { get; set; } = name;

    /// <summary>Exponentially weighted mean of all rows, read or filled.</summary>
    public double Mean { get; set; }

    /// <summary>Exponentially weighted mean of the readings alone.</summary>
    public double ReadMean { get; set; }

    /// <summary>What is known of its cycle, see <see cref="SeasonalCycle"/>.</summary>
    public double[] Season { get; } = new double[SeasonalCycle.Moments];

    /// <summary>The last row, read or filled.</summary>
    public double Last { get; set; }

    public long Readings { get; set; }

    /// <summary>The newest reading.</summary>
    public double LastReading { get; set; }

    /// <summary>Number of the row that had it.</summary>
    public long LastRow { get; set; }

    /// <summary>Readings up to the newest that all equal it.</summary>
    public long SameReadings { get; set; }

    /// <summary>Mean square of the innovations.</summary>
    public double Variance { get; set; }

    /// <summary>Innovations so far.</summary>
    public long Innovations { get; set; }

    /// <summary>Weighted sum of the products of a deviation with the one before it, standardised.</summary>
    public double Cross { get; set; }

    /// <summary>Weighted sum of the squares of the deviations before, standardised.</summary>
    public double Square { get; set; }

    /// <summary>The current record has a column for it.</summary>
    public bool Present { get; set; }

    /// <summary>All readings are the same, or that many of the newest: a dead sensor that still sends, or one with nothing to say.</summary>
    public bool IsStill(int rows) => SameReadings >= StillReadings && (SameReadings == Readings || SameReadings >= rows);

    /// <summary>phi: share of a deviation that is there one row later.</summary>
    public double Persistence(double network) =>
        Math.Clamp((Cross + (PersistencePrior * network)) / (Square + PersistencePrior), 0, MaxPersistence);

    public void Read(double reading, long row)
    {
        SameReadings = Readings > 0 && reading.Equals(LastReading) ? SameReadings + 1 : 1;
        (LastReading, LastRow) = (reading, row);
        Readings++;
    }

    /// <summary>Learns the spread from a residual over its expected standard deviation, and the persistence from two deviations in a row.</summary>
    public void Learn(double spread, double standardised, double before, double after, bool usualStep)
    {
        var limited = Math.Min(Math.Abs(standardised), SpreadLimit);
        var rate = Math.Max(2 * (1 - Memory), 1.0 / (Innovations + 1));
        Variance += rate * ((spread * spread * limited * limited) - Variance);
        Innovations++;
        if (usualStep && spread > 0)
        {
            Cross = (Memory * Cross) + (before * after / (spread * spread));
            Square = (Memory * Square) + (before * before / (spread * spread));
        }
    }
}
