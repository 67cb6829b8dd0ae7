using System.Runtime.CompilerServices;
using Streams.Processors.Captioning.Pipeline;
using TorchSharp;

// Two tests that both keep torch busy only slow each other down.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Streams.Captioning.Tests;

internal static class AssemblySetup
{
    /// <summary>Folder of the libtorch that a test program without natives runs on.</summary>
    public const string LibtorchVariable = "STREAMS_TEST_LIBTORCH";

    [ModuleInitializer]
    internal static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(LibtorchVariable) is { Length: > 0 } folder)
        {
            LibtorchFolder.Load(folder);
        }
        else if (!File.Exists(Path.Combine(AppContext.BaseDirectory, "libtorch_cpu.so")))
        {
            return; // the test that runs without natives, to see it fail
        }

        torch.set_num_threads(1);
    }
}
