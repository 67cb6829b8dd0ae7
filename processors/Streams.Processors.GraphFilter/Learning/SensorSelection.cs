using System.Globalization;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>The sensors of a covariance that have something to say, and what a reader should know of the others.</summary>
/// <param name="Kept">Their numbers.</param>
/// <param name="Covariance">Theirs, row-major.</param>
/// <param name="Notes">Constant and duplicate sensors.</param>
internal sealed record SensorSelection(int[] Kept, double[] Covariance, List<string> Notes)
{
    /// <summary>A variance below this share of the largest is none.</summary>
    private const double Still = 1e-14;

    /// <summary>A correlation nearer to 1 than this means the same sensor twice.</summary>
    private const double Same = 1e-9;

    private const int MostNamed = 8;

    /// <exception cref="ArgumentException">Not symmetric, or a variance below 0.</exception>
    public static SensorSelection Of(double[] covariance, int sensors)
    {
        var variances = Enumerable.Range(0, sensors).Select(i => covariance[(i * sensors) + i]).ToArray();
        var largest = variances.Max();
        for (var i = 0; i < sensors; i++)
        {
            if (variances[i] < -Still * Math.Abs(largest))
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"the variance of sensor {i} is {variances[i]}; give a covariance"), nameof(covariance));
            }

            for (var j = 0; j < i; j++)
            {
                if (Math.Abs(covariance[(i * sensors) + j] - covariance[(j * sensors) + i]) > 1e-8 * largest)
                {
                    throw new ArgumentException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"entries ({i}, {j}) and ({j}, {i}) are {covariance[(i * sensors) + j]} and {covariance[(j * sensors) + i]}; give a symmetric matrix"),
                        nameof(covariance));
                }
            }
        }

        var kept = Enumerable.Range(0, sensors).Where(i => variances[i] > Still * largest).ToArray();
        var notes = new List<string>();
        if (kept.Length < sensors)
        {
            notes.Add($"without variance, left out: {Named([.. Enumerable.Range(0, sensors).Except(kept).Select(i => $"sensor {i}")])}");
        }

        var pairs = (
            from i in kept
            from j in kept
            where i < j && covariance[(i * sensors) + j] > (1 - Same) * Math.Sqrt(variances[i] * variances[j])
            select $"sensors {i} and {j}").ToArray();
        if (pairs.Length > 0)
        {
            notes.Add($"the same readings twice: {Named(pairs)}");
        }

        var part = kept.Length == sensors ? covariance : [.. from i in kept from j in kept select covariance[(i * sensors) + j]];
        return new SensorSelection(kept, part, notes);
    }

    private static string Named(string[] what) =>
        string.Join(", ", what.Take(MostNamed)) + (what.Length > MostNamed ? $" and {what.Length - MostNamed} more" : "");
}
