namespace Streams.Schemas.Processing.Time;

/// <summary>How event time is cut into windows.</summary>
/// <param name="Size">Length of a window; windows begin at its multiples since 1970-01-01T00:00:00Z.</param>
/// <param name="Watermark">When a window closes: once the watermark has reached its end.</param>
/// <param name="CorrectFor">How long after that, in event time, a late record still makes a new version of its window; beyond it is dropped and counted. Zero drops all.</param>
/// <param name="MaxWindows">Most windows held, open or correctable; beyond, the oldest are closed or forgotten early.</param>
public sealed record EventTimeWindowOptions(TimeSpan Size, WatermarkOptions Watermark, TimeSpan CorrectFor = default, int MaxWindows = 10_000)
{
    internal long Length => Size.Ticks / TimeSpan.TicksPerMicrosecond;

    internal long Correctable => CorrectFor.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <exception cref="ArgumentOutOfRangeException">A value that makes no sense; the message names it.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Size, TimeSpan.FromMicroseconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(CorrectFor, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxWindows);
        Watermark.Check();
    }
}
