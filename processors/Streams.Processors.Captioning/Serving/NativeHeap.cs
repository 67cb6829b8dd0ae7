using System.Runtime.InteropServices;

namespace Streams.Processors.Captioning.Serving;

/// <summary>
/// What glibc does with memory that tensors leave behind. From pass to pass it is kept: to map it anew takes as long as half of a pass (1,500 page faults for 32
/// images of the shipped model). From time to time it goes back to the system: glibc keeps what lies between blocks in use, and between the frames' visual tokens
/// that are kept lie those of passing tensors, over a thousand clips hundreds of megabytes. To map every larger block by itself (<c>MALLOC_MMAP_THRESHOLD_</c> of
/// 64 KB) would avoid it, and did, at half of what it costs to read from the broker, whose answers are blocks of some megabytes.
/// </summary>
internal static class NativeHeap
{
    /// <summary>How often is enough: in so long a captioner leaves little behind, and it takes a millisecond or two.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const int TrimThreshold = -1; // M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
    private const int MapThreshold = -3;
    private const int Kept = 16 << 20;

    private static volatile bool _isMissing;

    /// <summary>
    /// Keeps blocks of up to 16 MB, and as much of what is free at the end, as infra/common.sh asks for from the start of the process. What the environment says
    /// stays.
    /// </summary>
    public static void Keep()
    {
        Set(TrimThreshold, "MALLOC_TRIM_THRESHOLD_");
        Set(MapThreshold, "MALLOC_MMAP_THRESHOLD_");

        static void Set(int option, string variable)
        {
            if (Environment.GetEnvironmentVariable(variable) is null)
            {
                Try(() => MallocOption(option, Kept));
            }
        }
    }

    /// <summary>Does nothing where the C library has no such call.</summary>
    public static void Trim() => Try(() => MallocTrim(0));

    private static void Try(Func<int> call)
    {
        try
        {
            if (!_isMissing)
            {
                call();
            }
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            _isMissing = true;
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int MallocTrim(nuint pad);

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int MallocOption(int option, int value);
}
