using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cuda;

/// <summary>Makes a device the thread's own for the runtime's calls, until it is disposed.</summary>
internal readonly unsafe struct CudaDevice : IDisposable
{
    private readonly int _before;
    private readonly int _index;

    private CudaDevice(int before, int index) => (_before, _index) = (before, index);

    /// <summary>Number of a device that may go without one.</summary>
    public static int IndexOf(Device device) => Math.Max(0, device.index);

    public static CudaDevice Use(Device device)
    {
        var native = CudaNative.Instance!;
        var index = IndexOf(device);
        int before;
        CudaNative.Check(native.GetDevice(&before), "cudaGetDevice");
        CudaNative.Check(native.SetDevice(index), "cudaSetDevice"); // even to the same: a new thread has no context yet
        return new CudaDevice(before, index);
    }

    /// <summary>The queue (cudaStream_t) that this thread sends to <paramref name="device"/> in.</summary>
    public static nint StreamOf(Device device)
    {
        var native = CudaNative.Instance!;
        var stream = native.CurrentStream((sbyte)IndexOf(device));
        return native.Handle(&stream);
    }

    public void Dispose()
    {
        if (_before != _index)
        {
            CudaNative.Instance!.SetDevice(_before);
        }
    }
}
