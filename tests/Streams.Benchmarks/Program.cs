using BenchmarkDotNet.Running;
using Streams.Benchmarks;

// `dotnet run -c Release --project tests/Streams.Benchmarks -- --filter '*'`; figures are ratios within one run.
// `-- modes-pairs` prints how many pair queries the mode takes.
if (args is ["modes-pairs", ..])
{
    PairBenchmarks.Run(args[1..]);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
