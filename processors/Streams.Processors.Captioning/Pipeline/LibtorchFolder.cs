using System.Runtime.InteropServices;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>
/// A libtorch that is on the machine already, PyTorch's own for instance, in place of one beside the program. Loaded before anything asks
/// for torch, its libraries are found by their names ever after.
/// </summary>
public static class LibtorchFolder
{
    /// <summary>The release of libtorch that TorchSharp is built for. Another one may lack functions that it calls; 2.11 with CUDA 13 was seen to have them.</summary>
    public const string Release = "2.10";

    private static readonly string[] Needed = ["libc10.so", "libtorch_cpu.so"];

    // Of a libtorch with CUDA; these find cuDNN, NCCL and the like by the paths that they were linked with.
    private static readonly string[] OfCuda = ["libc10_cuda.so", "libtorch_cuda.so"];

    // Leads to NVIDIA's compiler and driver. Where these are missing all works without it.
    private const string CompilerOfCuda = "libcaffe2_nvrtc.so";

    /// <summary>Loads the libraries of <paramref name="folder"/>, CUDA's where they are.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A library is not in it.</exception>
    /// <exception cref="DllNotFoundException">A library cannot be loaded; the message says why.</exception>
    public static void Load(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"libtorch folder '{folder}' is not there; PyTorch's is what `python3 -c \"import torch, os; print(os.path.dirname(torch.__file__) + '/lib')\"` prints");
        }

        if (Needed.FirstOrDefault(library => !File.Exists(Path.Combine(folder, library))) is { } missing)
        {
            throw new FileNotFoundException($"libtorch folder '{folder}' has no {missing}; give the folder lib of libtorch {Release} or of PyTorch {Release}", missing);
        }

        foreach (var library in Needed.Concat(OfCuda.Where(library => File.Exists(Path.Combine(folder, library)))).Append("libtorch.so"))
        {
            NativeLibrary.Load(Path.Combine(folder, library));
        }

        NativeLibrary.TryLoad(Path.Combine(folder, CompilerOfCuda), out _);
    }
}
