namespace Streams.Ingest.DeadLetters;

/// <summary>What a redrive or purge is about to do.</summary>
/// <param name="Letters">The letters, in the order in which they are handled: of each source partition by offset.</param>
/// <param name="Refused">Letters that were meant but cannot be sent again. They stay pending.</param>
public sealed record DeadLetterPlan(IReadOnlyList<DeadLetterEntry> Letters, IReadOnlyList<RefusedLetter> Refused)
{
    /// <summary>Bytes of the letters' values.</summary>
    public long Bytes => Letters.Sum(letter => (long)(letter.ValueBytes ?? 0));

    /// <summary>
    /// Orders letters by offset within their source partition, and by where they lie otherwise: a letter moves behind those before which it
    /// must not go, and no further, so that a reader of the dead-letter topic goes forward nearly all the time.
    /// </summary>
    internal static IReadOnlyList<DeadLetterEntry> InOrder(IEnumerable<DeadLetterEntry> letters)
    {
        var ranked = new List<(long Rank, DeadLetterEntry Letter)>();
        var ranks = new Dictionary<(string, int), long>();
        foreach (var letter in letters.OrderBy(letter => letter.Letter.Offset))
        {
            var partition = (letter.Letter.Topic, letter.Letter.Partition);
            ranks[partition] = Math.Max(ranks.GetValueOrDefault(partition), letter.Position.Offset.Value);
            ranked.Add((ranks[partition], letter));
        }

        // Stable: letters of one partition that share a rank stay by offset.
        return [.. ranked.OrderBy(each => each.Rank).Select(each => each.Letter)];
    }
}
