namespace Streams.Processors.Captioning.Evaluation.Quality;

/// <summary>
/// CIDEr (Vedantam et al., arXiv 1411.5726) in the form that benchmarks report, CIDEr-D: cosine of the tf-idf vectors of runs of 1 to 4
/// words, clipped counts, a Gaussian penalty on the difference in length, times 10. Rarity is counted over the references of the set, so
/// figures of different sets do not compare, and a set of one has none.
/// </summary>
public static class Cider
{
    private const int Longest = 4;
    private const double LengthDeviation = 6;
    private const double Scale = 10;

    /// <summary>0 to 10, the mean over the set. Each prediction has one reference or more.</summary>
    public static double Score(IReadOnlyList<(string Prediction, IReadOnlyList<string> References)> captions)
    {
        var documents = new Dictionary<string, int>[Longest];
        for (var n = 1; n <= Longest; n++)
        {
            documents[n - 1] = captions
                .SelectMany(caption => caption.References.SelectMany(reference => CaptionWords.Count(CaptionWords.Split(reference), n).Keys).Distinct())
                .CountBy(run => run)
                .ToDictionary();
        }

        var size = Math.Log(captions.Count);
        double Weight(string run, int count, int n) => count * (size - Math.Log(Math.Max(1, documents[n - 1].GetValueOrDefault(run))));
        return captions.Count == 0 ? 0 : captions.Average(caption => caption.References.Average(reference => Similarity(caption.Prediction, reference, Weight)));
    }

    private static double Similarity(string prediction, string reference, Func<string, int, int, double> weight)
    {
        var (words, others) = (CaptionWords.Split(prediction), CaptionWords.Split(reference));
        // The reference program measures lengths in pairs of words.
        var difference = Math.Max(0, words.Length - 1) - Math.Max(0, others.Length - 1);
        var penalty = Math.Exp(-(difference * difference) / (2 * LengthDeviation * LengthDeviation));
        return Scale * Enumerable.Range(1, Longest).Average(n =>
        {
            Dictionary<string, double> Vector(string[] text) => CaptionWords.Count(text, n).ToDictionary(run => run.Key, run => weight(run.Key, run.Value, n));
            var (mine, theirs) = (Vector(words), Vector(others));
            var product = mine.Sum(run => Math.Min(run.Value, theirs.GetValueOrDefault(run.Key)) * theirs.GetValueOrDefault(run.Key));
            var norms = Math.Sqrt(mine.Values.Sum(value => value * value)) * Math.Sqrt(theirs.Values.Sum(value => value * value));
            return norms == 0 ? 0 : penalty * product / norms;
        });
    }
}
