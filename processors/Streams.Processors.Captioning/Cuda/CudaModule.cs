using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cuda;

/// <summary>Compiled kernels on one device. They stay there until the process ends.</summary>
internal sealed unsafe class CudaModule
{
    private const int MajorCapability = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR; the minor is the next
    private readonly Device _device;
    private readonly nint _driver;
    private readonly nint _module;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> _launch;

    /// <summary>Compiles <paramref name="source"/> for <paramref name="device"/>.</summary>
    /// <exception cref="NotSupportedException">There is no compiler or driver for it.</exception>
    public CudaModule(string source, Device device)
    {
        if (CudaNative.Instance is null)
        {
            throw new NotSupportedException("this libtorch has no streams under the names that are known");
        }

        if (!NativeLibrary.TryLoad("libcuda.so.1", out _driver))
        {
            throw new NotSupportedException("the driver's libcuda.so.1 cannot be loaded");
        }

        _device = device;
        using var own = CudaDevice.Use(device);
        var attribute = (delegate* unmanaged<int*, int, int, int>)Of("cuDeviceGetAttribute");
        int major, minor;
        CudaNative.Check(attribute(&major, MajorCapability, CudaDevice.IndexOf(device)), "cuDeviceGetAttribute");
        CudaNative.Check(attribute(&minor, MajorCapability + 1, CudaDevice.IndexOf(device)), "cuDeviceGetAttribute");
        _launch = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Of("cuLaunchKernel");
        var load = (delegate* unmanaged<nint*, byte*, int>)Of("cuModuleLoadData");
        nint module;
        fixed (byte* image = RuntimeCompiler.Compile(source, $"sm_{major}{minor}"))
        {
            CudaNative.Check(load(&module, image), "cuModuleLoadData");
        }

        _module = module;
    }

    /// <summary>A kernel by its name.</summary>
    public nint Find(string name)
    {
        nint function;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            CudaNative.Check(((delegate* unmanaged<nint*, nint, byte*, int>)Of("cuModuleGetFunction"))(&function, _module, text), $"cuModuleGetFunction of {name}");
        }

        return function;
    }

    /// <summary>Sends a kernel in the thread's queue.</summary>
    /// <param name="function">From <see cref="Find"/>.</param>
    /// <param name="columns">Blocks in the first dimension.</param>
    /// <param name="rows">Blocks in the second.</param>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="arguments">Numbers and addresses, in the low bytes of eight each.</param>
    public void Launch(nint function, long columns, long rows, uint threads, params ReadOnlySpan<long> arguments)
    {
        using var own = CudaDevice.Use(_device); // kernels are of a device's context
        fixed (long* values = arguments)
        {
            var pointers = stackalloc void*[arguments.Length];
            for (var i = 0; i < arguments.Length; i++)
            {
                pointers[i] = values + i;
            }

            CudaNative.Check(_launch(function, checked((uint)columns), checked((uint)rows), 1, threads, 1, 1, 0, CudaDevice.StreamOf(_device), pointers, null), "cuLaunchKernel");
        }
    }

    private void* Of(string name) => NativeLibrary.TryGetExport(_driver, name, out var address) ? (void*)address : throw new NotSupportedException($"libcuda.so.1 has no {name}");
}
