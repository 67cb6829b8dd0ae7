using System.ComponentModel.DataAnnotations;

namespace Streams.Ingest.Sources.Signals;

/// <summary>What the sources of readings have in common.</summary>
public abstract record SignalFileOptions
{
    /// <summary>The file.</summary>
    [Required(AllowEmptyStrings = false)]
    public required string Path { get; init; }

    /// <summary>Unit of the values, as consumers are to show it. Null: as the file says, if it does.</summary>
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

    internal bool FiltersTime => From is not null || To is not null;
}
