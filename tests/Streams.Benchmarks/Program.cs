using BenchmarkDotNet.Running;
using Streams.Benchmarks;
using Streams.Benchmarks.Captioning;
using Streams.Benchmarks.Graphs;
using Streams.Benchmarks.Graphs.Online;
using Streams.Benchmarks.Graphs.RealData;
using Streams.Benchmarks.Modes;
using Streams.Benchmarks.Pipeline;
using Streams.Benchmarks.Sse;
using Streams.Processors.Captioning.Pipeline;

// `dotnet run -c Release --project tests/Streams.Benchmarks -- --filter '*'`; figures are ratios within one run. The studies with a name of their own
// count labels, errors and processor time instead of nanoseconds: see README.md.
if (Environment.GetEnvironmentVariable("STREAMS_TEST_LIBTORCH") is { Length: > 0 } libtorch)
{
    LibtorchFolder.Load(libtorch); // a machine's own, with CUDA
}

switch (args)
{
    case ["modes", .. var rest]:
        return ModesCommand.Run(rest, Console.Out);
    case ["captioning", .. var rest]:
        return await CaptioningCommand.RunAsync(rest, Console.Out);
    case ["graphs", .. var rest]:
        return GraphsCommand.Run(rest, Console.Out);
    case ["graphs-online", .. var rest]:
        return OnlineCommand.Run(rest, Console.Out);
    case ["graphs-real", .. var rest]:
        return RealDataCommand.Run(rest, Console.Out);
    case ["graphs-time", .. var rest]:
        return TimeCommand.Run(rest, Console.Out);
    case ["sse", .. var rest]:
        return await SseCommand.RunAsync(rest, Console.Out);
    case ["pipeline", .. var rest]:
        return await PipelineCommand.RunAsync(rest, Console.Out);
    case ["all", .. var rest]:
        return await AllCommand.RunAsync(rest, Console.Out);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(ModeBenchmarks).Assembly).Run(args);
        return 0;
}
