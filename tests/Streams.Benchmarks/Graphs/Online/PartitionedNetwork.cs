using System.Globalization;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Benchmarks.Graphs.Online;

/// <summary>A network of communities under a heat filter, in blocks: time and F1 beside one learner of the whole, where that can be waited for.</summary>
internal static class PartitionedNetwork
{
    private const int Community = 64;
    private const int Degree = 10;
    private const int DegreeAcross = 2;
    private const double Heat = 0.1;
    private const int Taylor = 16;
    private const int Learnings = 60;

    public static int Print(TextWriter output)
    {
        output.WriteLine($"Communities of {Community}, mean degree {Degree} within and {DegreeAcross} across, exp(-0.1 L), 10 N rows, {Learnings} learnings.");
        output.WriteLine("| N | scheme | ms a learning | ms a row besides | F1 within communities | F1 across | F1 |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var size in (int[])[512, 2_048, 4_096])
        {
            var network = new Truth(size);
            Report(output, network, new PartitionOptions { StartRows = 5 * size, CutEvery = 2 * size, BlockSize = 256, Halo = 64, StartLearnings = 40 });
            if (size == 512)
            {
                Report(output, network, null);
            }
        }

        return 0;
    }

    private static void Report(TextWriter output, Truth network, PartitionOptions? partition)
    {
        var rows = 10 * network.Size;
        var every = partition is null ? rows / Learnings : (rows - partition.StartRows) / Learnings;
        var options = new OnlineOptions { Forgetting = 0.99999, LearnEvery = every, MinRows = network.Size, Drift = null };
        var blocks = partition is null ? null : new PartitionedGraphLearner(network.Size, partition, options);
        var whole = partition is null ? new OnlineGraphLearner(network.Size, options) : null;
        var (learning, plain, learnings, plains) = (0d, 0d, 0, 0);
        var row = new double[network.Size];
        var random = new Random(1);
        for (var t = 1; t <= rows; t++)
        {
            network.Next(random, row);
            var clock = Environment.CpuUsage.TotalTime;
            blocks?.Add(row);
            whole?.Add(row);
            var spent = (Environment.CpuUsage.TotalTime - clock).TotalMilliseconds;
            if (partition is not null && (t <= partition.StartRows || (t - partition.StartRows) % partition.CutEvery == 0))
            {
                continue;
            }

            if (t % every == 0)
            {
                (learning, learnings) = (learning + spent, learnings + 1);
            }
            else
            {
                (plain, plains) = (plain + spent, plains + 1);
            }
        }

        var found = (blocks?.Edges() ?? whole!.Describe().Edges).Select(edge => (edge.From, edge.To)).ToHashSet();
        var scheme = blocks is null ? "whole" : $"{blocks.Blocks.Count} blocks";
        var (a, b) = ((learning / learnings) - (plain / plains), plain / plains);
        var (within, across, all) = (network.F1(found, true), network.F1(found, false), network.F1(found, null));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {network.Size} | {scheme} | {a:F0} | {b:F2} | {within:F3} | {across:F3} | {all:F3} |"));
    }

    private sealed class Truth
    {
        private readonly HashSet<(int From, int To)> _edges = [];
        private readonly int[][] _neighbours;

        public Truth(int size)
        {
            Size = size;
            var random = new Random(size);
            var neighbours = Enumerable.Range(0, size).Select(_ => new List<int>()).ToArray();
            double within = (double)Degree / (Community - 1), across = (double)DegreeAcross / (size - Community);
            for (var i = 0; i < size; i++)
            {
                for (var j = i + 1; j < size; j++)
                {
                    if (random.NextDouble() < (IsWithin(i, j) ? within : across))
                    {
                        _edges.Add((i, j));
                        neighbours[i].Add(j);
                        neighbours[j].Add(i);
                    }
                }
            }

            _neighbours = [.. neighbours.Select(own => own.ToArray())];
        }

        public int Size { get; }

        /// <summary>exp(-0.1 L) w as (1 - 0.1 L / k)^k w, k = 16.</summary>
        public void Next(Random random, double[] row)
        {
            for (var i = 0; i < Size; i++)
            {
                row[i] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            }

            var next = new double[Size];
            for (var step = 0; step < Taylor; step++)
            {
                for (var i = 0; i < Size; i++)
                {
                    var sum = 0d;
                    foreach (var j in _neighbours[i])
                    {
                        sum += row[i] - row[j];
                    }

                    next[i] = row[i] - (Heat / Taylor * sum);
                }

                next.CopyTo(row, 0);
            }
        }

        public double F1(HashSet<(int From, int To)> found, bool? within)
        {
            bool Counts((int From, int To) pair) => within is null || IsWithin(pair.From, pair.To) == within;
            var both = found.Count(pair => Counts(pair) && _edges.Contains(pair));
            var all = found.Count(Counts) + _edges.Count(Counts);
            return all == 0 ? 0 : 2.0 * both / all;
        }

        private static bool IsWithin(int i, int j) => i / Community == j / Community;
    }
}
