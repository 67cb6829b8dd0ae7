namespace Streams.Ingest.Sources.Signals;

/// <summary>
/// Which Arrow data become which records. The file is an Arrow IPC stream or file, not compressed, with one column of times (timestamps
/// of any unit, or dates; UTC where no zone is given) and every other column the float32 or float64 readings of a sensor. Null and NaN are missing.
/// </summary>
public sealed record ArrowFileOptions : SignalFileOptions
{
    /// <summary>Key of the records. Null: the network that the metadata of the file's schema name, as records of the wire do.</summary>
    public string? Network { get; init; }
}
