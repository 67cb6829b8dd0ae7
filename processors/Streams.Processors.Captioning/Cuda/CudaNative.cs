using System.Runtime.InteropServices;

namespace Streams.Processors.Captioning.Cuda;

/// <summary>
/// Streams, events and graphs of libtorch's CUDA half. TorchSharp has no names for them, so these functions are called by those that the C++ compiler gave them;
/// where a libtorch has others there are none, and all work goes one kernel after another. Seen working with libtorch 2.11 for CUDA 13.
/// </summary>
internal sealed unsafe class CudaNative
{
    public delegate* unmanaged<sbyte, TwoWords> CurrentStream;
    public delegate* unmanaged<byte, sbyte, TwoWords> StreamFromPool;
    public delegate* unmanaged<TwoWords, void> SetStream;
    public delegate* unmanaged<TwoWords*, nint> Handle;
    public delegate* unmanaged<int*, int> GetDevice;
    public delegate* unmanaged<int, int> SetDevice;
    public delegate* unmanaged<nint*, uint, int> CreateEvent;
    public delegate* unmanaged<nint, nint, int> RecordEvent;
    public delegate* unmanaged<nint, nint, uint, int> StreamWaitEvent;
    public delegate* unmanaged<nint, int> SynchronizeEvent;
    public delegate* unmanaged<nint, int> DestroyEvent;
    public delegate* unmanaged<void*, byte, void> ConstructGraph;
    public delegate* unmanaged<void*, TwoWords, int, void> BeginGraph;
    public delegate* unmanaged<void*, void> EndGraph;
    public delegate* unmanaged<void*, void> ReplayGraph;
    public delegate* unmanaged<void*, void> DestructGraph;

    private CudaNative()
    {
    }

    /// <summary>Null where something is missing. CUDA must be initialised before it is asked for.</summary>
    public static CudaNative? Instance { get; } = Find();

    /// <summary>For C functions of the CUDA runtime.</summary>
    public static void Check(int error, string what)
    {
        if (error != 0)
        {
            throw new ExternalException($"{what} ended with CUDA error {error}", error);
        }
    }

    private static CudaNative? Find()
    {
        var assembly = typeof(CudaNative).Assembly;
        if (!NativeLibrary.TryLoad("libc10_cuda.so", assembly, null, out var c10) || !NativeLibrary.TryLoad("libtorch_cuda.so", assembly, null, out var torch))
        {
            return null;
        }

        var complete = true;
        void* Of(nint library, string name)
        {
            complete &= NativeLibrary.TryGetExport(library, name, out var address);
            return (void*)address;
        }

        var native = new CudaNative
        {
            CurrentStream = (delegate* unmanaged<sbyte, TwoWords>)Of(c10, "_ZN3c104cuda20getCurrentCUDAStreamEa"),
            StreamFromPool = (delegate* unmanaged<byte, sbyte, TwoWords>)Of(c10, "_ZN3c104cuda17getStreamFromPoolEba"),
            SetStream = (delegate* unmanaged<TwoWords, void>)Of(c10, "_ZN3c104cuda20setCurrentCUDAStreamENS0_10CUDAStreamE"),
            Handle = (delegate* unmanaged<TwoWords*, nint>)Of(c10, "_ZNK3c104cuda10CUDAStream6streamEv"),
            // The runtime is one of its own libraries' needs, so they know its functions.
            GetDevice = (delegate* unmanaged<int*, int>)Of(c10, "cudaGetDevice"),
            SetDevice = (delegate* unmanaged<int, int>)Of(c10, "cudaSetDevice"),
            CreateEvent = (delegate* unmanaged<nint*, uint, int>)Of(c10, "cudaEventCreateWithFlags"),
            RecordEvent = (delegate* unmanaged<nint, nint, int>)Of(c10, "cudaEventRecord"),
            StreamWaitEvent = (delegate* unmanaged<nint, nint, uint, int>)Of(c10, "cudaStreamWaitEvent"),
            SynchronizeEvent = (delegate* unmanaged<nint, int>)Of(c10, "cudaEventSynchronize"),
            DestroyEvent = (delegate* unmanaged<nint, int>)Of(c10, "cudaEventDestroy"),
            ConstructGraph = (delegate* unmanaged<void*, byte, void>)Of(torch, "_ZN2at4cuda9CUDAGraphC1Eb"),
            BeginGraph = (delegate* unmanaged<void*, TwoWords, int, void>)Of(torch, "_ZN2at4cuda9CUDAGraph13capture_beginESt4pairIyyE21cudaStreamCaptureMode"),
            EndGraph = (delegate* unmanaged<void*, void>)Of(torch, "_ZN2at4cuda9CUDAGraph11capture_endEv"),
            ReplayGraph = (delegate* unmanaged<void*, void>)Of(torch, "_ZN2at4cuda9CUDAGraph6replayEv"),
            DestructGraph = (delegate* unmanaged<void*, void>)Of(torch, "_ZN2at4cuda9CUDAGraphD1Ev"),
        };
        return complete ? native : null;
    }
}
