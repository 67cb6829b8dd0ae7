using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>
/// Kernels that were recorded once and are sent to the GPU as one (at::cuda::CUDAGraph of libtorch). TorchSharp has no name for it, so its functions are
/// called by those that the C++ compiler gave them; where a libtorch has others, <see cref="IsSupported"/> says so and nothing is recorded.
/// </summary>
internal sealed unsafe class CudaGraph : IDisposable
{
    private const int ObjectBytes = 4096; // of a few hundred that the object takes
    private const int ThreadLocal = 1; // cudaStreamCaptureModeThreadLocal: other threads may go on allocating meanwhile
    private const sbyte CurrentDevice = -1;

    private static readonly Functions? Native = Functions.Find();

    private void* _graph;

    private CudaGraph(void* graph) => _graph = graph;

    /// <summary>Whether this machine's libtorch has what this needs.</summary>
    public static bool IsSupported => Native is not null;

    /// <summary>
    /// Records what <paramref name="run"/> sends to the current device. It is run twice before, so that libraries have their memory; it must neither read
    /// from the device nor send from the host, and replays read and write the tensors that it used.
    /// </summary>
    public static CudaGraph Record(Action run)
    {
        var native = Native ?? throw new NotSupportedException("this libtorch has no CUDA graphs under the names that are known");
        cuda.synchronize();
        var usual = native.CurrentStream(CurrentDevice);
        native.SetStream(native.StreamFromPool(0, CurrentDevice)); // the usual one cannot be recorded
        try
        {
            run();
            run();
            cuda.synchronize();
            var graph = NativeMemory.AlignedAlloc(ObjectBytes, 64);
            native.Construct(graph, 0);
            native.Begin(graph, default, ThreadLocal);
            run();
            native.End(graph);
            return new CudaGraph(graph);
        }
        finally
        {
            native.SetStream(usual);
        }
    }

    /// <summary>Runs it on the current stream; returns at once.</summary>
    public void Replay() => Native!.Replay(_graph);

    public void Dispose()
    {
        if (_graph is not null)
        {
            Native!.Destruct(_graph);
            NativeMemory.AlignedFree(_graph);
            _graph = null;
        }
    }

    // Both c10::cuda::CUDAStream and the pair that names a pool of memory are two words, passed in registers.
    private readonly record struct TwoWords(long First, long Second);

    private sealed class Functions
    {
        public delegate* unmanaged<sbyte, TwoWords> CurrentStream;
        public delegate* unmanaged<byte, sbyte, TwoWords> StreamFromPool;
        public delegate* unmanaged<TwoWords, void> SetStream;
        public delegate* unmanaged<void*, byte, void> Construct;
        public delegate* unmanaged<void*, TwoWords, int, void> Begin;
        public delegate* unmanaged<void*, void> End;
        public delegate* unmanaged<void*, void> Replay;
        public delegate* unmanaged<void*, void> Destruct;

        public static Functions? Find()
        {
            if (!NativeLibrary.TryLoad("libc10_cuda.so", typeof(CudaGraph).Assembly, null, out var c10) || !NativeLibrary.TryLoad("libtorch_cuda.so", typeof(CudaGraph).Assembly, null, out var torch))
            {
                return null;
            }

            bool Has(nint library, string name, out nint address) => NativeLibrary.TryGetExport(library, name, out address);
            return Has(c10, "_ZN3c104cuda20getCurrentCUDAStreamEa", out var current)
                && Has(c10, "_ZN3c104cuda17getStreamFromPoolEba", out var pool)
                && Has(c10, "_ZN3c104cuda20setCurrentCUDAStreamENS0_10CUDAStreamE", out var set)
                && Has(torch, "_ZN2at4cuda9CUDAGraphC1Eb", out var construct)
                && Has(torch, "_ZN2at4cuda9CUDAGraph13capture_beginESt4pairIyyE21cudaStreamCaptureMode", out var begin)
                && Has(torch, "_ZN2at4cuda9CUDAGraph11capture_endEv", out var end)
                && Has(torch, "_ZN2at4cuda9CUDAGraph6replayEv", out var replay)
                && Has(torch, "_ZN2at4cuda9CUDAGraphD1Ev", out var destruct)
                ? new Functions
                {
                    CurrentStream = (delegate* unmanaged<sbyte, TwoWords>)current,
                    StreamFromPool = (delegate* unmanaged<byte, sbyte, TwoWords>)pool,
                    SetStream = (delegate* unmanaged<TwoWords, void>)set,
                    Construct = (delegate* unmanaged<void*, byte, void>)construct,
                    Begin = (delegate* unmanaged<void*, TwoWords, int, void>)begin,
                    End = (delegate* unmanaged<void*, void>)end,
                    Replay = (delegate* unmanaged<void*, void>)replay,
                    Destruct = (delegate* unmanaged<void*, void>)destruct,
                }
                : null;
        }
    }
}
