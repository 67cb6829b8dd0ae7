using System.ComponentModel.DataAnnotations;

namespace Streams.Ingest.Sources.Labels;

/// <summary>Which table of labels becomes which samples.</summary>
public sealed record LabelCsvOptions
{
    /// <summary>A CSV file with a header that names <c>sample</c> and <c>label</c>, and may name <c>task</c> and <c>oracle</c>. Other columns are ignored.</summary>
    [Required(AllowEmptyStrings = false)]
    public required string Path { get; init; }

    /// <summary>The task of the samples. Where the file has a task column: the only task to take; null for all of them.</summary>
    public string? Task { get; init; }

    /// <summary>Who says so, where the file has no oracle column.</summary>
    public string? Oracle { get; init; }

    /// <summary>When the labels were given. Null: when reading starts.</summary>
    public DateTimeOffset? Time { get; init; }
}
