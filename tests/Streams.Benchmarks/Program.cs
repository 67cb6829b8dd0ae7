using BenchmarkDotNet.Running;
using Streams.Benchmarks.Modes;

// `dotnet run -c Release --project tests/Streams.Benchmarks -- --filter '*'`; figures are ratios within one run.
// `... -- modes` counts labels and queries instead of nanoseconds: see ModesCommand.
if (args is ["modes", .. var rest])
{
    return ModesCommand.Run(rest, Console.Out);
}

if (args is ["graphs-experiment", .. var other])
{
    return Streams.Benchmarks.Graphs.Experiment.Run(other);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
