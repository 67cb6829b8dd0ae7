using System.ComponentModel.DataAnnotations;

namespace Streams.Ingest.Sources.Signals;

/// <summary>Which table of readings becomes which records.</summary>
public sealed record SensorCsvOptions
{
    /// <summary>
    /// A CSV file with a header. First column: time, ISO 8601, UTC where no zone is given. Every other column: one sensor.
    /// Empty, NaN, NA and null are missing readings.
    /// </summary>
    [Required(AllowEmptyStrings = false)]
    public required string Path { get; init; }

    /// <summary>Key of the records.</summary>
    [Required(AllowEmptyStrings = false)]
    public required string Network { get; init; }

    /// <summary>Unit of the values, as consumers are to show it.</summary>
    public string? Units { get; init; }

    /// <summary>Rows of a record; the last record may have fewer.</summary>
    [Range(1, 1_000_000)]
    public int RowsPerRecord { get; init; } = 24;

    /// <summary>Earlier rows are left out.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Rows at this time and later are left out.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Columns to take, in the order of the file. Null: all.</summary>
    public IReadOnlyCollection<string>? Sensors { get; init; }
}
