using System.Runtime.InteropServices;

namespace Streams.Processors.Captioning.Serving;

/// <summary>
/// Gives memory that tensors have left behind back to the system. glibc keeps what lies between blocks in use, and between the frames' visual tokens that
/// are kept lie those of passing tensors: over a thousand clips that is hundreds of megabytes. To map every larger block by itself (<c>MALLOC_MMAP_THRESHOLD_</c>
/// of 64 KB) would avoid it, and did, at half of what it costs to read from the broker, whose answers are blocks of some megabytes.
/// </summary>
internal static class NativeHeap
{
    /// <summary>How often is enough: in so long a captioner leaves little behind, and it takes a millisecond or two.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static volatile bool _isMissing;

    /// <summary>Does nothing where the C library has no such call.</summary>
    public static void Trim()
    {
        try
        {
            if (!_isMissing)
            {
                MallocTrim(0);
            }
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            _isMissing = true;
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int MallocTrim(nuint pad);
}
