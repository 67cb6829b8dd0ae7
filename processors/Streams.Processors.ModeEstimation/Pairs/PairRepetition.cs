namespace Streams.Processors.ModeEstimation.Pairs;

/// <summary>
/// How often a comparison is asked when each answer is wrong with probability q below 1/2, independently of the others: m times, an odd
/// number, and the majority counts. Asking ends as soon as one side has (m+1)/2 answers, which cannot change the majority.
/// </summary>
/// <remarks>
/// Delta is split in two: delta/2 for the elimination, which then sees the true comparisons, and delta/2 for the event that
/// any majority is wrong. A comparison takes (m+1)/2 answers at least, so a budget of Q queries allows 2Q/(m+1) comparisons, and by the union
/// bound m is large enough when 2Q/(m+1) P(Bin(m,q) > m/2) is at most delta/2. The tail is bounded by its first term
/// T = C(m,(m+1)/2) q^((m+1)/2) (1-q)^((m-1)/2) and the geometric series that its terms stay under: T (1-q)/(1-2q). That is at most
/// (4q(1-q))^(m/2) (1-q)/(1-2q), so m = O(ln(Q/delta)/(1-2q)^2).
/// Multiplications and divisions only, which every machine rounds the same.
/// </remarks>
public readonly record struct PairRepetition
{
    /// <summary>Answers to a comparison beyond which a task is refused.</summary>
    public const int MostAnswers = 1_000_001;

    private PairRepetition(int answers, double eliminationDelta) => (Answers, EliminationDelta) = (answers, eliminationDelta);

    /// <summary>m: most answers that a comparison takes; 1 without noise.</summary>
    public int Answers { get; }

    /// <summary>Answers of one side that settle a comparison.</summary>
    public int Majority => (Answers + 1) / 2;

    /// <summary>What is left of delta for the elimination; all of it without noise.</summary>
    public double EliminationDelta { get; }

    /// <summary>The repetition for answers that are wrong with probability <paramref name="noise"/>.</summary>
    /// <param name="noise">q, from 0 to below 1/2.</param>
    /// <param name="delta">Accepted probability of error of the whole, in (0, 1).</param>
    /// <param name="maxQueries">Budget Q.</param>
    /// <returns>The repetition; null when one comparison would take more than the budget or <see cref="MostAnswers"/>.</returns>
    public static PairRepetition? For(double noise, double delta, long maxQueries)
    {
        if (!(noise is >= 0 and < 0.5))
        {
            throw new ArgumentOutOfRangeException(nameof(noise), noise, "give a probability from 0 to below 0.5");
        }

        if (!(delta is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(delta), delta, "give a probability above 0 and below 1, such as 0.01");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(maxQueries, 1);
        if (noise == 0)
        {
            return new PairRepetition(1, delta);
        }

        var series = (1 - noise) / (1 - (2 * noise));
        var first = noise;
        for (var answers = 1; answers <= Math.Min(maxQueries, MostAnswers); answers += 2)
        {
            if (2.0 * maxQueries / (answers + 1) * first * series <= delta / 2)
            {
                return new PairRepetition(answers, delta / 2);
            }

            first *= noise * (1 - noise) * 4 * (answers + 2) / (answers + 3);
        }

        return null;
    }
}
