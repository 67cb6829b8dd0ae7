using Streams.Host.Cli;

return await StreamsCommandLine.RunAsync(args);
