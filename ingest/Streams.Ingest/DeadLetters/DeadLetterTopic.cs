using Streams.Schemas;

namespace Streams.Ingest.DeadLetters;

/// <summary>The dead letters of one run and source topic.</summary>
/// <param name="Source">Source topic.</param>
/// <param name="Run"><see cref="Topics.LiveRun"/> or the name of a replay.</param>
public sealed record DeadLetterTopic(string Source, string Run = Topics.LiveRun)
{
    /// <summary>Name of the dead-letter topic.</summary>
    public string Name => Topics.ForRun(Run, Topics.DeadLetter(Source));

    /// <summary>Whoever marks letters of this topic does it under this id, so that the broker lets only the last one to start go on.</summary>
    public string TransactionalId => $"streams.redrive.{Name}";
}
