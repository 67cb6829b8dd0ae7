namespace Streams.Processors.Captioning.Evaluation.Quality;

/// <summary>One line of a reference file.</summary>
public sealed record EvaluationReference
{
    /// <summary>Names it; predictions carry the same.</summary>
    public required string Id { get; init; }

    /// <summary>How the answer is measured.</summary>
    public ReferenceTask Task { get; init; }

    /// <summary>Right answers, at least one.</summary>
    public required IReadOnlyList<string> References { get; init; }

    /// <summary>Pictures to show, relative to the file.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>Clip to show, relative to the file.</summary>
    public string? Video { get; init; }

    /// <summary>What to ask; the model's own words for a caption when not given.</summary>
    public string? Prompt { get; init; }
}
