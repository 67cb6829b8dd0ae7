namespace Streams.Processors.Captioning.Evaluation.Quality;

/// <summary>What a model answered.</summary>
public sealed record EvaluationPrediction
{
    /// <summary>Id of the reference.</summary>
    public required string Id { get; init; }

    /// <summary>The answer.</summary>
    public required string Text { get; init; }
}
