using BenchmarkDotNet.Running;
using Streams.Benchmarks.Graphs.Online;
using Streams.Benchmarks.Graphs.RealData;
using Streams.Benchmarks.Modes;

// `dotnet run -c Release --project tests/Streams.Benchmarks -- --filter '*'`; figures are ratios within one run.
// `... -- modes` counts labels and queries instead of nanoseconds: see ModesCommand; graphs-online and graphs-time: see Graphs/Online; graphs-real: RealDataCommand.
if (args is ["graphs-online", .. var online])
{
    return OnlineCommand.Run(online, Console.Out);
}

if (args is ["graphs-time", .. var time])
{
    return TimeCommand.Run(time, Console.Out);
}

if (args is ["modes", .. var rest])
{
    return ModesCommand.Run(rest, Console.Out);
}

if (args is ["graphs-real", .. var onRealData])
{
    return RealDataCommand.Run(onRealData, Console.Out);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
