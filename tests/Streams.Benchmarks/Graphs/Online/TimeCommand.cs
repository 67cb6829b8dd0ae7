using Streams.Processors.GraphFilter.LinearAlgebra;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Benchmarks.Graphs.Online;

/// <summary>
/// <c>graphs-time</c>: processor time of an online update beside one eigendecomposition of the same size in the same run, and what it
/// allocates; <c>graphs-time networks</c>: thousands of small networks; <c>batched</c>: many networks in one call; <c>partitioned</c>: one
/// network of thousands of sensors.
/// </summary>
internal static class TimeCommand
{
    public const double MostEigens = 3;

    /// <summary>Size and the design page's update and eigendecomposition in milliseconds.</summary>
    private static readonly (int Size, double Update, double Eigen)[] Published =
        [(16, 0.30, 0.021), (32, 0.64, 0.096), (64, 1.4, 0.35), (128, 3.5, 1.3), (256, 21, 6.4), (512, 134, 37), (1_024, 821, 272)];

    private static readonly (string Name, Func<TextWriter, int> Run)[] Sections =
        [("sizes", Sizes), ("networks", ManyNetworks.Print), ("batched", BatchedNetworks.Print), ("partitioned", PartitionedNetwork.Print)];

    /// <returns>The exit code: 0; 1 when a figure breaks a promise; 2 when the command was not understood.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        var chosen = Sections.Where(section => section.Name == (arguments.Count == 0 ? "sizes" : arguments[0])).ToArray();
        if (chosen.Length == 0 || arguments.Count > 1)
        {
            output.WriteLine($"graphs-time [{string.Join('|', Sections.Select(section => section.Name))}] (default: sizes)");
            return 2;
        }

        var broken = chosen[0].Run(output);
        output.WriteLine(broken == 0 ? "Every promise kept." : $"{broken} promises BROKEN, marked '!'.");
        return broken == 0 ? 0 : 1;
    }

    /// <summary>Milliseconds of this process's processor time for each action, the best of rounds taken in turns.</summary>
    public static double[] Best(double roundMilliseconds, int rounds, params Action[] actions)
    {
        var best = new double[actions.Length];
        Array.Fill(best, double.MaxValue);
        for (var round = 0; round <= rounds; round++)
        {
            for (var k = 0; k < actions.Length; k++)
            {
                var (count, spent, clock) = (0, 0d, Environment.CpuUsage.TotalTime);
                do
                {
                    actions[k]();
                    count++;
                    spent = (Environment.CpuUsage.TotalTime - clock).TotalMilliseconds;
                }
                while (spent < roundMilliseconds);

                // The first round warms up.
                best[k] = round == 0 ? double.MaxValue : Math.Min(best[k], spent / count);
            }
        }

        return best;
    }

    private static int Sizes(TextWriter output)
    {
        var broken = 0;
        var lapack = Lapack.IsNative ? "of libtorch" : "not found: managed routines";
        output.WriteLine($"Milliseconds of one core; LAPACK {lapack}. [page: update, eigendecomposition, ratio]");
        output.WriteLine("|    N | eigen | update | ratio | 20 % missing | with drift test | row only | bytes an update | page |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var (size, update, eigen) in Published)
        {
            var row = Sized(size);
            var kept = row.Bytes == 0 && (size < 1_024 || row.Update <= MostEigens * row.Eigen);
            broken += kept ? 0 : 1;
            FormattableString line =
                $"| {size} | {row.Eigen:G3} | {row.Update:G3} | {row.Update / row.Eigen:F2}{(kept ? "" : " !")} | {row.Gaps:G3} | {row.Tested:G3} ";
            FormattableString rest = $"| {row.RowOnly:G3} | {row.Bytes} | {update}, {eigen}, {update / eigen:F1} |";
            output.WriteLine(FormattableString.Invariant(line) + FormattableString.Invariant(rest));
        }

        return broken;
    }

    /// <summary>Processor time and allocation of one update of <paramref name="size"/> sensors.</summary>
    public static Measured Sized(int size)
    {
        var rows = new Rows(size);
        OnlineGraphLearner Learner(int learnEvery, bool drift) =>
            new(size, new OnlineOptions { LearnEvery = learnEvery, MinRows = 2, Drift = drift ? new() : null, OnAlarm = AlarmResponse.Report });

        var learner = Learner(1, drift: false);
        for (var i = 0; i < 4; i++)
        {
            learner.Add(rows.Next(0));
        }

        var laplacian = rows.Laplacian();
        var matrix = new AlignedArray(size * size);
        var values = new AlignedArray(size);
        var scratch = new AlignedArray(Lapack.EigenScratch(size));
        var integers = new int[Lapack.EigenIntegers(size)];
        var tested = Learner(1, drift: true);
        var still = Learner(100_000, drift: false);
        tested.Add(rows.Next(0));
        var best = Best(
            size >= 512 ? 1 : 40,
            7,
            () =>
            {
                laplacian.CopyTo(matrix.Span);
                Lapack.Eigen(matrix.Span, size, values.Span, scratch.Span, integers);
            },
            () => learner.Add(rows.Next(0)),
            () => learner.Add(rows.Next(0.2)),
            () => tested.Add(rows.Next(0)),
            () => still.Add(rows.Next(0)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        learner.Add(rows.Next(0.2));
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return new Measured(best[0], best[1], best[2], best[3], best[4], bytes);
    }

    /// <summary>Milliseconds of one core, and bytes an update.</summary>
    internal sealed record Measured(double Eigen, double Update, double Gaps, double Tested, double RowOnly, long Bytes);
}
