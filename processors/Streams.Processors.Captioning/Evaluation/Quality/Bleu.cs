namespace Streams.Processors.Captioning.Evaluation.Quality;

/// <summary>
/// BLEU (Papineni et al. 2002) over a whole set: geometric mean of the clipped precisions of runs of 1 to 4 words, times the brevity
/// penalty against the reference nearest in length. No smoothing.
/// </summary>
public static class Bleu
{
    private const int Longest = 4;

    /// <summary>0 to 1. Each prediction has one reference or more.</summary>
    public static double Score(IReadOnlyList<(string Prediction, IReadOnlyList<string> References)> captions)
    {
        var (matched, total) = (new long[Longest], new long[Longest]);
        var (length, referenceLength) = (0L, 0L);
        foreach (var (prediction, references) in captions)
        {
            var words = CaptionWords.Split(prediction);
            var others = references.Select(CaptionWords.Split).ToList();
            length += words.Length;
            referenceLength += others.Select(other => other.Length).MinBy(other => (Math.Abs(other - words.Length), other));
            for (var n = 1; n <= Longest; n++)
            {
                var allowed = others.Select(other => CaptionWords.Count(other, n)).ToList();
                foreach (var (run, count) in CaptionWords.Count(words, n))
                {
                    matched[n - 1] += Math.Min(count, allowed.Max(counts => counts.GetValueOrDefault(run)));
                    total[n - 1] += count;
                }
            }
        }

        if (matched.Any(count => count == 0))
        {
            return 0;
        }

        var precision = Math.Exp(Enumerable.Range(0, Longest).Average(n => Math.Log((double)matched[n] / total[n])));
        return precision * (length >= referenceLength ? 1 : Math.Exp(1 - ((double)referenceLength / length)));
    }
}
