namespace Streams.Benchmarks.Pipeline;

/// <summary>How a section is to run.</summary>
/// <param name="Short">In less than a minute each, so that all rows take less than ten.</param>
/// <param name="Board">Where the figures go.</param>
internal sealed record PipelineSettings(bool Short, Scoreboard Board)
{
    /// <summary>How often each figure is taken.</summary>
    public int Repeats => Short ? 2 : 5;

    public int Size(int shortForm, int longForm) => Short ? shortForm : longForm;
}
