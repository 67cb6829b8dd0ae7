using System.Globalization;

namespace Streams.Benchmarks.Pipeline.Roles;

/// <summary>A point of a reading process's way, printed by it and read by the one that measures.</summary>
/// <param name="Seconds">Monotonic clock of the machine.</param>
/// <param name="Done">Records that are done.</param>
/// <param name="Processor">Processor time of the process so far, in seconds.</param>
/// <param name="ResidentBytes">Resident memory of the process.</param>
/// <param name="AllocatedBytes">Managed bytes allocated so far.</param>
internal readonly record struct Progress(double Seconds, long Done, double Processor, long ResidentBytes, long AllocatedBytes)
{
    private const string Word = "progress";

    /// <summary>Of this process, now.</summary>
    public static Progress Now(long done) => new(
        System.Diagnostics.Stopwatch.GetTimestamp() / (double)System.Diagnostics.Stopwatch.Frequency,
        done,
        Environment.CpuUsage.TotalTime.TotalSeconds,
        Environment.WorkingSet,
        GC.GetTotalAllocatedBytes());

    /// <summary>Reads what <see cref="ToString"/> wrote; null for other lines.</summary>
    public static Progress? Parse(string line)
    {
        var parts = line.Split(' ');
        return parts is [Word, var seconds, var done, var processor, var resident, var allocated]
            ? new Progress(Number(seconds), long.Parse(done, CultureInfo.InvariantCulture), Number(processor), (long)Number(resident), (long)Number(allocated))
            : null;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Word} {Seconds:F6} {Done} {Processor:F6} {ResidentBytes} {AllocatedBytes}");

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
