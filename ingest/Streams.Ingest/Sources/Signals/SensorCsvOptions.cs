using System.ComponentModel.DataAnnotations;

namespace Streams.Ingest.Sources.Signals;

/// <summary>
/// Which table of readings becomes which records. The file is a CSV with a header. First column: time, ISO 8601, UTC where no zone is
/// given. Every other column: one sensor. Empty, NaN, NA and null are missing readings.
/// </summary>
public sealed record SensorCsvOptions : SignalFileOptions
{
    /// <summary>Key of the records.</summary>
    [Required(AllowEmptyStrings = false)]
    public required string Network { get; init; }
}
