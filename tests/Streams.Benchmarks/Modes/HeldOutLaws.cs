using Streams.Schemas.Labels;

namespace Streams.Benchmarks.Modes;

/// <summary>Laws that no rule was tuned on: drawn at random, Zipf's, hundreds of labels; and labels that arrive shuffled in batches.</summary>
internal static class HeldOutLaws
{
    private const int DefaultRuns = 300;
    private const double Delta = 0.01;

    /// <summary>Random laws with a harder mode than this lower bound are passed over: they would take all the time.</summary>
    private const double HardestBound = 3_000;

    public static void Print(RunSettings settings)
    {
        var runs = settings.Runs ?? DefaultRuns;
        settings.Output.WriteLine($"Held-out laws, delta {Delta}, {runs} runs: mean labels (errors); the bound is kl(delta, 1-delta)/D");
        settings.Output.WriteLine($"{"law",-22}{"bound",9}{string.Concat(LabelRules.All.Select(rule => $"{rule,23}"))}");
        foreach (var instance in Laws())
        {
            Print(settings, instance.Name, instance, runs, batch: 1);
        }

        settings.Output.WriteLine("Shuffled arrival of Zipf 1 x 100, by batch size");
        var zipf = Instance.Zipf(1, 100);
        foreach (var batch in new[] { 1, 10, 200 })
        {
            Print(settings, $"batches of {batch}", zipf, runs, batch);
        }
    }

    /// <summary>Every rule keeps its delta, and the default asks for no more labels than PPR-1v1 but for luck.</summary>
    private static void Print(RunSettings settings, string name, Instance instance, int runs, int batch)
    {
        var measured = LabelRules.All.ToDictionary(rule => rule, rule => Measurement.Of(instance.Law, rule, Delta, runs, batch: batch));
        var ppr = measured[LabelRules.Ppr];
        var cells = measured.Select(cell =>
        {
            var kept = Measurement.IsWithin(Delta, cell.Value.Wrong, runs)
                && (cell.Key != LabelRules.Default || cell.Value.Mean <= ppr.Mean + (2 * ppr.StandardError));
            return $"{$"{cell.Value.Mean:F0} ({cell.Value.Wrong}){settings.Promise(kept)}",23}";
        });
        settings.Output.WriteLine($"{name,-22}{instance.LowerBound(Delta),9:F0}{string.Concat(cells)}");
        settings.Output.Flush();
    }

    private static IEnumerable<Instance> Laws()
    {
        foreach (var labels in new[] { 3, 10, 50, 300 })
        {
            for (var number = 1; number <= 3; number++)
            {
                yield return Random(labels, number);
            }
        }

        yield return Instance.Zipf(1, 10);
        yield return Instance.Zipf(1, 300);
        yield return Instance.Zipf(0.5, 300);
        yield return new("one over 499 alike", [0.05, .. Enumerable.Repeat(0.95 / 499, 499)]);
        yield return new("two over 198 alike", [0.22, 0.18, .. Enumerable.Repeat(0.6 / 198, 198)]);
    }

    /// <summary>Uniform on the simplex (shares of independent exponential variables).</summary>
    private static Instance Random(int labels, int number)
    {
        for (var state = (ulong)((labels * 1000) + number); ;)
        {
            var weights = new double[labels];
            for (var label = 0; label < labels; label++)
            {
                weights[label] = -Math.Log(((LabelSource.NextBits(ref state) >> 11) + 1) * (1.0 / (1L << 53)));
            }

            var instance = new Instance($"random {number} x {labels}", [.. weights.Select(weight => weight / weights.Sum()).OrderDescending()]);
            if (instance.LowerBound(Delta) <= HardestBound)
            {
                return instance;
            }
        }
    }
}
