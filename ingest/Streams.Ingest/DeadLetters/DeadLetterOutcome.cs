namespace Streams.Ingest.DeadLetters;

/// <summary>What a redrive or purge did.</summary>
/// <param name="Done">Letters that were sent again or given up, each once.</param>
/// <param name="Bytes">Bytes of values sent.</param>
/// <param name="Refused">Letters that were meant and could not be sent. They stay pending.</param>
public sealed record DeadLetterOutcome(int Done, long Bytes, IReadOnlyList<RefusedLetter> Refused);
