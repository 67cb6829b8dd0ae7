namespace Streams.Processors.Captioning.Evaluation.Quality;

/// <summary>A line of a reference or prediction file cannot be used. The message names file, line and remedy.</summary>
public sealed class EvaluationFileException(string path, int line, string problem, Exception? inner = null)
    : Exception($"{path}, line {line}: {problem}", inner)
{
    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;
}
