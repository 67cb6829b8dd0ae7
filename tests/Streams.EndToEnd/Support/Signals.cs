using System.Diagnostics;
using System.Globalization;

namespace Streams.EndToEnd.Support;

/// <summary>POSIX signals.</summary>
internal static class Signals
{
    /// <summary>Freezes a process: it does nothing, holds everything, and knows of no time.</summary>
    public static Task StopAsync(int process) => SendAsync("STOP", process);

    /// <summary>It goes on as if nothing had been.</summary>
    public static Task ContinueAsync(int process) => SendAsync("CONT", process);

    /// <summary>Asks it to end.</summary>
    public static Task TerminateAsync(int process) => SendAsync("TERM", process);

    private static async Task SendAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
