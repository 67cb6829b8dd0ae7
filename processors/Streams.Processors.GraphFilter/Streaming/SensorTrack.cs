namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>What is remembered of one sensor.</summary>
internal sealed class SensorTrack(string name, int windowRows)
{
    /// <summary>Equal readings before a sensor may be called still.</summary>
    private const int StillReadings = 5;

    public string Name => name;

    /// <summary>Where the readings lie on the whole.</summary>
    public double Level { get; set; }

    /// <summary>How far the last row, read or filled, was from the level.</summary>
    public double Deviation { get; set; }

    public long Readings { get; set; }

    /// <summary>The newest reading.</summary>
    public double LastReading { get; set; }

    /// <summary>Readings up to the newest that all equal it.</summary>
    public long SameReadings { get; set; }

    /// <summary>Every reading of the window is the same: a dead sensor that still sends, or one with nothing to say.</summary>
    public bool IsStill => SameReadings >= StillReadings && SameReadings >= InWindow;

    /// <summary>Unexpected part of each reading of the window, a ring; NaN where there was none.</summary>
    public float[] Innovations { get; } = CreateRing(windowRows);

    /// <summary>Numbers in <see cref="Innovations"/>.</summary>
    public int InWindow { get; set; }

    /// <summary>The current record has a column for it.</summary>
    public bool Present { get; set; }

    /// <summary>What the next reading should be.</summary>
    public double Expected(double persistence) => Level + (persistence * Deviation);

    public void Read(double reading)
    {
        SameReadings = Readings > 0 && reading.Equals(LastReading) ? SameReadings + 1 : 1;
        LastReading = reading;
        Readings++;
    }

    public void Put(int place, float innovation)
    {
        InWindow += (float.IsNaN(innovation) ? 0 : 1) - (float.IsNaN(Innovations[place]) ? 0 : 1);
        Innovations[place] = innovation;
    }

    /// <summary>Mean square of the innovations in the window; 0 when there are none.</summary>
    public double MeanSquare()
    {
        var sum = 0d;
        foreach (var innovation in Innovations)
        {
            sum += float.IsNaN(innovation) ? 0 : (double)innovation * innovation;
        }

        return InWindow == 0 ? 0 : sum / InWindow;
    }

    private static float[] CreateRing(int rows)
    {
        var ring = new float[rows];
        Array.Fill(ring, float.NaN);
        return ring;
    }
}
