namespace Streams.Schemas.Processing.Time;

/// <summary>How far event time is taken to have come.</summary>
/// <param name="AllowedLateness">How far a source's records may be out of order: the watermark stays this much behind the source's newest.</param>
/// <param name="IdleAfter">Event time by which others must have moved on before a source that is not heard of stops holding the watermark.</param>
/// <param name="MaxSources">Most sources remembered; beyond, the one not heard of for longest is forgotten.</param>
public sealed record WatermarkOptions(TimeSpan AllowedLateness, TimeSpan IdleAfter, int MaxSources = 256)
{
    internal long Lateness => AllowedLateness.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Event time of one lap, of which a source may miss two.</summary>
    internal long Lap => Math.Max(1, IdleAfter.Ticks / TimeSpan.TicksPerMicrosecond / 2);

    /// <exception cref="ArgumentOutOfRangeException">A value that makes no sense; the message names it.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(AllowedLateness, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IdleAfter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxSources);
    }
}
