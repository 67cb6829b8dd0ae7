using Streams.Host.Cli;

// Learning steps and the embedded Redis hold pool threads for a while, and the pool adds threads slowly: on two cores everything else would wait.
ThreadPool.SetMinThreads(64, 64);
return await StreamsCommandLine.RunAsync(args);
