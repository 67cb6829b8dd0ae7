using System.Runtime.CompilerServices;
using TorchSharp;

namespace Streams.Captioning.Tests.Gpu;

/// <summary>A test for machines with an NVIDIA GPU and a libtorch with CUDA (see <see cref="AssemblySetup.LibtorchVariable"/>); skipped, saying so, elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!torch.TryInitializeDeviceType(DeviceType.CUDA))
        {
            Skip = "no CUDA here: needs an NVIDIA GPU and a libtorch with CUDA";
        }
    }
}
