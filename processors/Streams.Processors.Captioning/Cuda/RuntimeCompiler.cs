using System.Runtime.InteropServices;
using System.Text;

namespace Streams.Processors.Captioning.Cuda;

/// <summary>NVRTC, NVIDIA's compiler as a library, which PyTorch and libtorch with CUDA bring with them.</summary>
internal static unsafe class RuntimeCompiler
{
    // Torch's own stub first: it finds the NVRTC that this torch was built for.
    private static readonly string[] Names = ["libcaffe2_nvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"];

    /// <summary>Machine code of <paramref name="source"/> for <paramref name="architecture"/>, such as sm_90.</summary>
    /// <exception cref="NotSupportedException">There is no NVRTC, or it does not compile this.</exception>
    public static byte[] Compile(string source, string architecture)
    {
        var library = Load();
        void* Of(string name) => NativeLibrary.TryGetExport(library, name, out var address) ? (void*)address : throw new NotSupportedException($"NVRTC has no {name}");
        var create = (delegate* unmanaged<nint*, byte*, byte*, int, void*, void*, int>)Of("nvrtcCreateProgram");
        var compile = (delegate* unmanaged<nint, int, byte**, int>)Of("nvrtcCompileProgram");
        var destroy = (delegate* unmanaged<nint*, int>)Of("nvrtcDestroyProgram");
        nint program = 0;
        fixed (byte* text = Encoding.UTF8.GetBytes(source + '\0'), name = "kernels.cu\0"u8, first = Encoding.UTF8.GetBytes($"--gpu-architecture={architecture}\0"), second = "--std=c++17\0"u8)
        {
            Check(create(&program, text, name, 0, null, null), "nvrtcCreateProgram");
            try
            {
                var options = stackalloc byte*[] { first, second };
                if (compile(program, 2, options) != 0)
                {
                    var log = Read(program, Of("nvrtcGetProgramLogSize"), Of("nvrtcGetProgramLog"));
                    throw new NotSupportedException($"NVRTC for {architecture}: {Encoding.UTF8.GetString(log).TrimEnd('\0', '\n')}");
                }

                return Read(program, Of("nvrtcGetCUBINSize"), Of("nvrtcGetCUBIN"));
            }
            finally
            {
                destroy(&program);
            }
        }
    }

    private static nint Load()
    {
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, typeof(RuntimeCompiler).Assembly, null, out var library))
            {
                return library;
            }
        }

        throw new NotSupportedException($"none of {string.Join(", ", Names)} can be loaded");
    }

    private static byte[] Read(nint program, void* size, void* content)
    {
        nuint bytes;
        Check(((delegate* unmanaged<nint, nuint*, int>)size)(program, &bytes), "size of NVRTC's answer");
        var result = new byte[bytes];
        fixed (byte* target = result)
        {
            Check(((delegate* unmanaged<nint, byte*, int>)content)(program, target), "NVRTC's answer");
        }

        return result;
    }

    private static void Check(int error, string what)
    {
        if (error != 0)
        {
            throw new NotSupportedException($"{what} ended with NVRTC error {error}");
        }
    }
}
