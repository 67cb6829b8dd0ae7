using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>Reads the device option.</summary>
internal static class TorchDevice
{
    /// <exception cref="DeviceNotAvailableException">CUDA is asked for and not there.</exception>
    /// <exception cref="ArgumentException">Not a device.</exception>
    public static Device Resolve(string name)
    {
        switch (name)
        {
            case "cpu":
                return CPU;
            case "auto":
                return HasCuda() ? CUDA : CPU;
        }

        var index = 0;
        if (name != "cuda" && !(name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out index) && index >= 0))
        {
            throw new ArgumentException($"Device \"{name}\" is not one of auto, cpu, cuda, cuda:N", nameof(name));
        }

        if (!HasCuda())
        {
            throw new DeviceNotAvailableException(
                $"Device {name}: no CUDA here. Check the driver with nvidia-smi, build with -p:TorchDevice=cuda, or set the device to cpu or auto");
        }

        var count = cuda.device_count();
        return index < count
            ? new Device(DeviceType.CUDA, index)
            : throw new DeviceNotAvailableException($"Device {name}: this machine has {count} CUDA device(s), numbered from 0. Choose one of them or auto");
    }

    private static bool HasCuda()
    {
        if (!TryInitializeDeviceType(DeviceType.CUDA))
        {
            return false;
        }

        // Who asks for float32 means it; convolutions would keep ten bits of the fraction (TF32) by default.
        backends.cudnn.allow_tf32 = false;
        return true;
    }
}
