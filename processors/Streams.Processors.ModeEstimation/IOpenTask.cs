using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation;

/// <summary>A task between its definition and its end.</summary>
internal interface IOpenTask
{
    LabelTask Definition { get; }

    /// <summary>The definition was made from the defaults because samples came without one.</summary>
    bool IsImplied { get; }

    LabelProgress Progress { get; }

    /// <summary>New queries that are due now.</summary>
    IEnumerable<LabelQuery> Ask();

    /// <summary>Queries to repeat when an equal definition comes again: those without an answer.</summary>
    IEnumerable<LabelQuery> AskAgain();

    /// <summary>The result, once the task is at its end; null before.</summary>
    /// <param name="lastOffset">Offset of the record that is being applied.</param>
    LabelMode? Outcome(long lastOffset);

    /// <summary>The result of ending now, without having decided; null where a mode stands.</summary>
    /// <param name="lastOffset">Offset of the record that is being applied.</param>
    LabelMode? GiveUp(long lastOffset);

    /// <summary>What the task goes on as after <paramref name="outcome"/>; null when that was the end.</summary>
    IOpenTask? Next(LabelMode outcome) => null;

    void Save(BinaryWriter writer);
}
