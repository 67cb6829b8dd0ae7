using BenchmarkDotNet.Attributes;
using Streams.Processors.ModeEstimation;
using Streams.Schemas.Labels;

namespace Streams.Benchmarks;

/// <summary>What an exact stopping decision after every label costs, as a ratio to counting the labels and deciding nothing.</summary>
[MemoryDiagnoser]
public class ModeBenchmarks
{
    private const int Labels = 10;
    private const int Count = 10_000;

    private readonly int[] _labels = new int[Count];

    public static IReadOnlyList<string> Rules => LabelRules.All;

    [ParamsSource(nameof(Rules))]
    public string Rule { get; set; } = LabelRules.Default;

    [GlobalSetup]
    public void Draw()
    {
        // All labels equally likely: the estimator stays open, so that every label is decided on.
        var random = new Random(1);
        for (var i = 0; i < Count; i++)
        {
            _labels[i] = random.Next(Labels);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public int CountOnly()
    {
        var counts = new int[Labels];
        foreach (var label in _labels)
        {
            counts[label]++;
        }

        return counts[0];
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public long CountAndDecide()
    {
        var estimator = new ModeEstimator(Labels, 1e-9, Rule);
        foreach (var label in _labels)
        {
            estimator.Add(label);
        }

        return estimator.LeaderCount;
    }
}
