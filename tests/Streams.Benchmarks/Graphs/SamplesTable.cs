using System.Globalization;
using Streams.Processors.GraphFilter.Learning;

namespace Streams.Benchmarks.Graphs;

/// <summary>Edge F1 of the closed form by the number of samples: 45 vertices in three blocks, .5 inside and .1 outside, as on the design page.</summary>
internal static class SamplesTable
{
    private const int Vertices = 45;
    private const int DefaultSeeds = 10;
    private const double Wanted = 0.95;
    private static readonly int[] Samples = [50, 100, 200, 500, 1_000, 2_000, 5_000, 20_000];

    /// <summary>The page's means over ten graphs.</summary>
    private static readonly Dictionary<string, double[]> Page = new()
    {
        ["heat"] = [.64, .77, .89, .98, 1, 1, 1, 1],
        ["tikhonov"] = [.65, .74, .84, .96, .99, 1, 1, 1],
        ["norm"] = [.48, .53, .61, .76, .89, .97, 1, 1],
        ["high"] = [.25, .34, .41, .50, .58, .66, .81, .94],
    };

    public static void Print(GraphSettings settings)
    {
        settings.Output.WriteLine($"F1 by samples, {Vertices} vertices in three blocks; second line: the design page");
        settings.Output.WriteLine($"{"filter",-12}{string.Concat(Samples.Select(count => $"{count,8:N0}"))}   F1 >= {Wanted.ToString(CultureInfo.InvariantCulture)} from");
        foreach (var filter in GraphSettings.Chosen(settings.Filters, TrueFilter.Names))
        {
            var means = new double[Samples.Length];
            var marks = new string[Samples.Length];
            for (var at = 0; at < Samples.Length; at++)
            {
                var seeds = settings.Seeds ?? DefaultSeeds;
                var scores = Enumerable.Range(settings.FirstSeed, seeds).Select(seed => Score(filter, Samples[at], seed)).ToArray();
                means[at] = scores.Average();
                var deviation = Math.Sqrt(scores.Sum(score => (score - means[at]) * (score - means[at])) / Math.Max(1, seeds - 1));
                var bound = 0.005 + (2 * deviation * Math.Sqrt((1.0 / seeds) + (1.0 / DefaultSeeds)));
                marks[at] = Page.TryGetValue(filter, out var page) ? settings.Promise(means[at] >= page[at] - bound) : "";
            }

            var enough = Array.FindIndex(means, mean => mean >= Wanted);
            settings.Output.WriteLine(
                $"{filter,-12}{string.Concat(means.Select((mean, at) => $"{marks[at] + mean.ToString("F3", CultureInfo.InvariantCulture),8}"))}   "
                + (enough < 0 ? "more" : Samples[enough].ToString("N0", CultureInfo.InvariantCulture)));
            if (Page.TryGetValue(filter, out var figures))
            {
                settings.Output.WriteLine($"{"",-12}{string.Concat(figures.Select(mean => $"{mean.ToString("F2", CultureInfo.InvariantCulture),8}"))}");
            }
        }
    }

    private static double Score(string filter, int samples, int seed)
    {
        var instance = GraphInstance.Draw("sbm3", Vertices, filter, seed, samples);
        var learned = FigLearn.FromCovariance(
            instance.Covariance, Vertices, new FigLearnOptions { Samples = samples, WithoutConstantMode = filter == "norm" });
        return EdgeScores.F1(instance.Truth, learned.Weights, learned.Threshold);
    }
}
