namespace Streams.Ingest.DeadLetters;

/// <summary>A letter that cannot be sent again.</summary>
/// <param name="Letter">The letter.</param>
/// <param name="Reason">Why, and what can be done.</param>
public sealed record RefusedLetter(DeadLetterEntry Letter, string Reason);
