using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cuda;

/// <summary>Kernels that were recorded once and are sent to the GPU as one (at::cuda::CUDAGraph of libtorch).</summary>
internal sealed unsafe class CudaGraph : IDisposable
{
    private const int ObjectBytes = 4096; // of a few hundred that the object takes
    private const int ThreadLocal = 1; // cudaStreamCaptureModeThreadLocal: other threads may go on allocating meanwhile

    private void* _graph;

    private CudaGraph(void* graph) => _graph = graph;

    /// <summary>Whether this machine's libtorch has what this needs.</summary>
    public static bool IsSupported => CudaNative.Instance is not null;

    /// <summary>
    /// Records what <paramref name="run"/> sends to <paramref name="device"/>. It is run twice before, so that libraries have their memory; it must neither
    /// read from the device nor send from the host, and replays read and write the tensors that it used.
    /// </summary>
    public static CudaGraph Record(Device device, Action run)
    {
        var native = CudaNative.Instance ?? throw new NotSupportedException("this libtorch has no CUDA graphs under the names that are known");
        using var own = CudaDevice.Use(device);
        cuda.synchronize();
        using var stream = CudaStream.TryTake(device)!.Use(); // the usual one cannot be recorded
        run();
        run();
        cuda.synchronize();
        var graph = NativeMemory.AlignedAlloc(ObjectBytes, 64);
        native.ConstructGraph(graph, 0);
        native.BeginGraph(graph, default, ThreadLocal);
        run();
        native.EndGraph(graph);
        return new CudaGraph(graph);
    }

    /// <summary>Runs it in the thread's queue; returns at once.</summary>
    public void Replay() => CudaNative.Instance!.ReplayGraph(_graph);

    public void Dispose()
    {
        if (_graph is not null)
        {
            CudaNative.Instance!.DestructGraph(_graph);
            NativeMemory.AlignedFree(_graph);
            _graph = null;
        }
    }
}
