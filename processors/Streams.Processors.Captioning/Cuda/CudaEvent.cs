using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cuda;

/// <summary>A point in a queue of a GPU's work that another queue can wait for.</summary>
internal sealed unsafe class CudaEvent : IDisposable
{
    private const uint WithoutTiming = 2;
    private nint _event;

    private CudaEvent(nint handle) => _event = handle;

    /// <summary>Whether <paramref name="device"/> has queues.</summary>
    public static bool IsSupported(Device device) => device.type == TorchSharp.DeviceType.CUDA && CudaNative.Instance is not null;

    /// <summary>After all that this thread has sent to <paramref name="device"/> so far; null where there are no queues.</summary>
    public static CudaEvent? TryRecord(Device device)
    {
        if (!IsSupported(device))
        {
            return null;
        }

        var native = CudaNative.Instance!;
        using var own = CudaDevice.Use(device);
        nint handle;
        CudaNative.Check(native.CreateEvent(&handle, WithoutTiming), "cudaEventCreateWithFlags");
        var recorded = new CudaEvent(handle);
        CudaNative.Check(native.RecordEvent(handle, CudaDevice.StreamOf(device)), "cudaEventRecord");
        return recorded;
    }

    /// <summary>What this thread sends to <paramref name="device"/> from now on waits for the event. The host does not.</summary>
    public void Wait(Device device) => CudaNative.Check(CudaNative.Instance!.StreamWaitEvent(CudaDevice.StreamOf(device), _event, 0), "cudaStreamWaitEvent");

    /// <summary>The host waits for the event.</summary>
    public void Synchronize() => CudaNative.Check(CudaNative.Instance!.SynchronizeEvent(_event), "cudaEventSynchronize");

    public void Dispose()
    {
        if (_event != 0)
        {
            CudaNative.Instance!.DestroyEvent(_event); // queues that wait for it go on waiting
            _event = 0;
        }
    }
}
