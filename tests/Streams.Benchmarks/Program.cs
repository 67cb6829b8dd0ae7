using BenchmarkDotNet.Running;
using Streams.Benchmarks;
using Streams.Benchmarks.Modes;

// `dotnet run -c Release --project tests/Streams.Benchmarks -- --filter '*'`; figures are ratios within one run.
// `... -- modes` counts labels and queries instead of nanoseconds: see ModesCommand; `-- modes-pairs` the pair queries alone.
if (args is ["modes", .. var rest])
{
    return ModesCommand.Run(rest, Console.Out);
}

if (args is ["modes-pairs", ..])
{
    PairBenchmarks.Run(args[1..]);
    return 0;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
