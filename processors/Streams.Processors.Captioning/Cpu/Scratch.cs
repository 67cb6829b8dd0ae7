using System.Runtime.InteropServices;

namespace Streams.Processors.Captioning.Cpu;

/// <summary>Memory of one thread for what a kernel needs while it runs, kept from call to call: new memory is slower than what the caches hold.</summary>
internal sealed unsafe class Scratch
{
    private const int Alignment = 64;

    [ThreadStatic]
    private static Scratch? _ofThread;

    private float* _memory;
    private int _count;

    private Scratch()
    {
    }

    // With its thread.
    ~Scratch() => NativeMemory.AlignedFree(_memory);

    /// <summary>Room for so many numbers, of any values, until the next call on this thread.</summary>
    public static float* Take(int count)
    {
        var scratch = _ofThread ??= new Scratch();
        if (scratch._count < count)
        {
            NativeMemory.AlignedFree(scratch._memory);
            scratch._memory = null;
            scratch._count = 0;
            scratch._memory = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), Alignment);
            scratch._count = count;
        }

        return scratch._memory;
    }
}
