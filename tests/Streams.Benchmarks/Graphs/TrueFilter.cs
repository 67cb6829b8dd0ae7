namespace Streams.Benchmarks.Graphs;

/// <summary>The filters of the design page. 1/sqrt(lambda) is 0 at frequency 0; the polynomial is kept above .02.</summary>
internal static class TrueFilter
{
    public static readonly string[] Names = ["heat", "tikhonov", "norm", "poly", "high"];

    public static Func<double, double> Of(string name) => name switch
    {
        "heat" => frequency => Math.Exp(-0.1 * frequency),
        "tikhonov" => frequency => 1 / (1 + (0.5 * frequency)),
        "norm" => frequency => frequency < 1e-9 ? 0 : 1 / Math.Sqrt(frequency),
        "poly" => frequency => Math.Max(0.02, 1 - (0.13 * frequency) + (0.0062 * frequency * frequency) - (0.0001 * frequency * frequency * frequency)),
        "high" => frequency => 0.5 * frequency / (1 + (0.5 * frequency)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, string.Join(", ", Names)),
    };
}
