namespace Streams.Schemas.Labels;

/// <summary>
/// Ends a labelling task at this place of its log, with what it knows by then: it abstains, unless a mode stands already. Type
/// <see cref="Envelope.EventTypes.LabelStop"/> on <see cref="Topics.LabelSamples"/>, keyed by task.
/// </summary>
/// <param name="Task">The task; equals the record's key.</param>
/// <param name="By">Who stopped it.</param>
public sealed record LabelStop(string Task, string? By = null);
