using System.Diagnostics;
using Streams.Processors.GraphFilter.Learning;

namespace Streams.Benchmarks.Graphs;

internal static class Experiment
{
    private static double Opt(string[] args, string name, double value)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 ? value : double.Parse(args[at + 1]);
    }

    public static int Run(string[] args)
    {
        var sizes = args[0].Split(',').Select(int.Parse).ToArray();
        var from = int.Parse(args[3]);
        var seeds = int.Parse(args[4]);
        var T = (int)Opt(args, "-T", 500);
        foreach (var n in sizes)
        {
            foreach (var family in args[1].Split(','))
            {
                foreach (var filter in args[2].Split(','))
                {
                    foreach (var options in new FigLearnOptions[] { new() { Samples = T, WithoutConstantMode = filter == "norm" }, new() { Samples = T, Unweighted = false, WithoutConstantMode = filter == "norm" },
                      new() { Scheme = FigLearnScheme.Alternating, Iterations = (int)Opt(args, "-alt", 1000) } })
                    {
                        double f1 = 0, t = 0, best = 0, ap = 0, ratio = 0; var notes = "";
                        for (var seed = from; seed < from + seeds; seed++)
                        {
                            var instance = GraphInstance.Draw(family, n, filter, seed, T);
                            var watch = Stopwatch.StartNew();
                            var learned = FigLearn.FromCovariance(instance.Covariance, n, options);
                            t += watch.Elapsed.TotalMilliseconds / seeds;
                            f1 += EdgeScores.F1(instance.Truth, learned.Weights, learned.Threshold) / seeds;
                            best += EdgeScores.BestF1(instance.Truth, learned.Weights) / seeds;
                            ap += EdgeScores.AveragePrecision(instance.Truth, learned.Weights) / seeds;
                            ratio += learned.Fit * learned.Fit * instance.Covariance.Where((_, i) => i % (n + 1) == 0).Sum() / ModelTest.SamplingError([.. learned.Filter.Gain], T) / seeds;
                            notes = string.Join("; ", learned.Notes);
                        }

                        Console.WriteLine($"{family,-4} N{n,-4} {filter,-9} {options.Scheme,-11} F1 {f1:F3} best {best:F3} AP {ap:F3} ratio {ratio:F2} {t:F0} ms {notes}");
                    }
                }
            }
        }

        return 0;
    }
}
