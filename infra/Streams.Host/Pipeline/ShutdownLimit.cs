using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Streams.Host.Pipeline;

/// <summary>
/// Ends the process when stopping in order takes too long, because Redis or the broker is gone or hangs. A killed host loses nothing, so neither
/// does this; whoever waits for it to end (an operator, an orchestrator) does not wait in vain.
/// </summary>
internal static class ShutdownLimit
{
    /// <summary>Less than the fifteen seconds that are promised.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(13);

    private static int _started;

    /// <summary>Counts from the first call on. Its thread ends with the process.</summary>
    public static void Start(ILogger logger)
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            new Thread(() => Watch(logger)) { IsBackground = true, Name = "shutdown limit", Priority = ThreadPriority.Highest }.Start();
        }
    }

    private static void Watch(ILogger logger)
    {
        Thread.Sleep(Limit);
        logger.StoppedInDisorder(Limit.TotalSeconds, "it took too long");
        Console.Out.Flush();
        // Not Environment.Exit: that waits for handlers which wait for the same that hangs.
        ExitNow(0);
    }

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void ExitNow(int status);
}
