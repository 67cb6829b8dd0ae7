using BenchmarkDotNet.Running;

// `dotnet run -c Release --project tests/Streams.Benchmarks -- --filter '*'`; figures are ratios within one run.
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
