using System.Globalization;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Benchmarks.Graphs.Online;

/// <summary>Thousands of small networks on one thread: bytes each, time a row.</summary>
internal static class ManyNetworks
{
    private const int Networks = 2_000;

    public static int Print(TextWriter output)
    {
        output.WriteLine($"{Networks:N0} networks on one core, a row each in turn; every fifth row learns, no drift test.");
        output.WriteLine("| N | bytes in memory | bytes saved | with drift test, saved | microseconds a row | rows a second |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var size in (int[])[4, 8, 16, 32])
        {
            var rows = new Rows(size);
            var options = new OnlineOptions { LearnEvery = 5, Drift = null };
            new OnlineGraphLearner(size, options).Add(rows.Next(0));
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var learners = new OnlineGraphLearner[Networks];
            for (var i = 0; i < Networks; i++)
            {
                learners[i] = new OnlineGraphLearner(size, options);
            }

            var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / Networks;
            var spent = 0d;
            for (var round = 0; round < 30; round++)
            {
                var clock = Environment.CpuUsage.TotalTime;
                foreach (var learner in learners)
                {
                    learner.Add(rows.Next(0.2));
                }

                spent += round < 20 ? 0 : (Environment.CpuUsage.TotalTime - clock).TotalMicroseconds / (10 * Networks);
            }

            var tested = new OnlineGraphLearner(size, new OnlineOptions());
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {size} | {bytes:N0} | {learners[0].Save().Length:N0} | {tested.Save().Length:N0} | {spent:F1} | {1e6 / spent:N0} |"));
        }

        return 0;
    }
}
