using System.Runtime.CompilerServices;
using TorchSharp;

// Two tests that both keep torch busy only slow each other down.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Streams.Captioning.Tests;

internal static class AssemblySetup
{
    [ModuleInitializer]
    internal static void UseOneThread() => torch.set_num_threads(1);
}
