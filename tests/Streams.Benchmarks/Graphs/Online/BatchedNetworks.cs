using System.Globalization;
using Streams.Processors.GraphFilter.Online;
using TorchSharp;

namespace Streams.Benchmarks.Graphs.Online;

/// <summary>A learning of many networks one by one beside the same in batches, on every device that is there.</summary>
internal static class BatchedNetworks
{
    private const int Networks = 256;

    public static int Print(TextWriter output)
    {
        output.WriteLine($"Microseconds a network and learning, {Networks} networks, one thread of the CPU; wall time on a GPU.");
        output.WriteLine("| N | one by one | batched, CPU | batched, GPU |");
        output.WriteLine("|---|---|---|---|");
        torch.set_num_threads(1);
        foreach (var size in (int[])[8, 16, 32, 64])
        {
            var alone = Start(size, 1);
            var rows = new Rows(size);
            var own = Time(() => alone.ForEach(network => network.Add(rows.Next(0))));
            var batch = Start(size, 0);
            var cpu = Time(() => BatchedLearning.Learn(batch));
            var gpu = torch.cuda.is_available() ? Time(() => BatchedLearning.Learn(batch, torch.CUDA)) : double.NaN;
            var onGpu = double.IsNaN(gpu) ? "no device here" : gpu.ToString("F1", CultureInfo.InvariantCulture);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {size} | {own:F1} | {cpu:F1} | {onGpu} |"));
        }

        return 0;
    }

    private static double Time(Action action) => 1e3 * TimeCommand.Best(200, 3, action)[0] / Networks;

    private static List<OnlineGraphLearner> Start(int size, int learnEvery)
    {
        var rows = new Rows(size);
        var options = new OnlineOptions { LearnEvery = learnEvery, Drift = null };
        var networks = Enumerable.Range(0, Networks).Select(_ => new OnlineGraphLearner(size, options)).ToList();
        for (var row = 0; row < 64; row++)
        {
            networks.ForEach(network => network.Add(rows.Next(0)));
        }

        return networks;
    }
}
