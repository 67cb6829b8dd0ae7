namespace Streams.Schemas.Signals;

/// <summary>
/// Readings of one sensor network: rows in event time, one value per sensor. Type <see cref="Envelope.EventTypes.SensorSignal"/>
/// on <see cref="Topics.SensorSignals"/>, keyed by network.
/// </summary>
public sealed class SignalBatch
{
    /// <summary>Version of the wire format that this code writes.</summary>
    public const int CurrentSchemaVersion = 1;

    private readonly double[] _values;

    /// <summary>Checks and holds a batch; the arrays are kept, not copied.</summary>
    /// <param name="network">The network; equals the record's key.</param>
    /// <param name="units">Unit of the values, or null when the producer names none.</param>
    /// <param name="sensors">Names of the columns, all different.</param>
    /// <param name="times">Event time of each row.</param>
    /// <param name="values">Row by row, <paramref name="sensors"/> values each; NaN is a missing reading.</param>
    /// <param name="schemaVersion">Version of the wire format.</param>
    /// <param name="renamed">Former names of sensors of the network, and the names they have now; null: none.</param>
    /// <exception cref="RecordFormatException">No network, no or repeated sensors, no rows, a wrong count or an infinite value.</exception>
    public SignalBatch(
        string network,
        string? units,
        IReadOnlyList<string> sensors,
        IReadOnlyList<DateTimeOffset> times,
        double[] values,
        int schemaVersion = CurrentSchemaVersion,
        IReadOnlyDictionary<string, string>? renamed = null)
    {
        (Network, Units, Sensors, Times, _values, SchemaVersion) = (network, units, sensors, times, values, schemaVersion);
        Renamed = renamed ?? new Dictionary<string, string>();
        SignalRules.Check(this);
    }

    /// <summary>The network; equals the record's key.</summary>
    public string Network { get; }

    /// <summary>Unit of the values, as the producer named it.</summary>
    public string? Units { get; }

    /// <summary>Version of the wire format.</summary>
    public int SchemaVersion { get; }

    /// <summary>Former names of sensors of the network, and the names they have now. What is known of a sensor goes on under its new name.</summary>
    public IReadOnlyDictionary<string, string> Renamed { get; }

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Sensors { get; }

    /// <summary>Event time of each row, in the order that the producer gave, with microsecond precision.</summary>
    public IReadOnlyList<DateTimeOffset> Times { get; }

    /// <summary>Row-major values; NaN is a missing reading.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>The reading of <paramref name="sensor"/> in <paramref name="row"/>; NaN when missing.</summary>
    public double this[int row, int sensor] => Row(row)[sensor];

    /// <summary>The readings of <paramref name="row"/>, in the order of <see cref="Sensors"/>.</summary>
    public ReadOnlySpan<double> Row(int row) => _values.AsSpan(row * Sensors.Count, Sensors.Count);
}
