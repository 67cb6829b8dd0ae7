using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Layers;

/// <summary>Moves what the host has made.</summary>
internal static partial class DeviceTensors
{
    /// <summary>
    /// <paramref name="host"/> on <paramref name="device"/>. To a GPU it goes from locked memory, so that the host goes on while the copy waits its turn:
    /// a plain copy would first wait for all the work that the device has been given.
    /// </summary>
    public static Tensor Send(Tensor host, Device device) =>
        device.type == DeviceType.CUDA ? host.pin_memory().to(device, non_blocking: true) : host.to(device);

    public static Tensor Send(long[] values, Device device) => Send(tensor(values), device);

    /// <summary>Where a tensor's, or a view's, first number lies. TorchSharp has the address, but gives it for tensors of the CPU alone.</summary>
    public static nint AddressOf(Tensor tensor) => AddressOf(tensor.Handle);

    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_data")]
    private static partial nint AddressOf(nint tensor);
}
