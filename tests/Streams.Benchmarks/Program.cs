using BenchmarkDotNet.Running;
using Streams.Benchmarks.Graphs;
using Streams.Benchmarks.Modes;

// `dotnet run -c Release --project tests/Streams.Benchmarks -- --filter '*'`; figures are ratios within one run.
// `... -- modes` counts labels and queries instead of nanoseconds: see ModesCommand.
if (args is ["modes", .. var rest])
{
    return ModesCommand.Run(rest, Console.Out);
}

// `... -- graphs` measures graph-filter learning: see GraphsCommand.
if (args is ["graphs", .. var others])
{
    return GraphsCommand.Run(others, Console.Out);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
