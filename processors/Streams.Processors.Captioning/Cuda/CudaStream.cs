using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cuda;

/// <summary>A queue of a GPU's work beside the usual one: kernels of two queues run at once where there is room for both.</summary>
internal sealed unsafe class CudaStream
{
    private readonly TwoWords _stream;

    private CudaStream(TwoWords stream) => _stream = stream;

    /// <summary>One of torch's own; null on a CPU and where libtorch does not give them.</summary>
    public static CudaStream? TryTake(Device device) =>
        device.type == DeviceType.CUDA && CudaNative.Instance is { } native ? new CudaStream(native.StreamFromPool(0, (sbyte)CudaDevice.IndexOf(device))) : null;

    /// <summary>All that this thread sends goes here until the result is disposed.</summary>
    public IDisposable Use()
    {
        var native = CudaNative.Instance!;
        var before = native.CurrentStream((sbyte)(_stream.First >> 8)); // the stream's own device, in its second byte
        native.SetStream(_stream);
        return new Restore(before);
    }

    private sealed class Restore(TwoWords before) : IDisposable
    {
        public void Dispose() => CudaNative.Instance!.SetStream(before);
    }
}
