namespace Streams.Ingest.DeadLetters;

/// <summary>How far a redrive or purge is.</summary>
/// <param name="Done">Letters that are committed.</param>
/// <param name="Total">Letters that were chosen.</param>
/// <param name="Bytes">Bytes of values sent and committed.</param>
/// <param name="Elapsed">Time since the first was chosen.</param>
public sealed record DeadLetterProgress(int Done, int Total, long Bytes, TimeSpan Elapsed)
{
    /// <summary>Letters a second.</summary>
    public double LettersPerSecond => Elapsed > TimeSpan.Zero ? Done / Elapsed.TotalSeconds : 0;
}
