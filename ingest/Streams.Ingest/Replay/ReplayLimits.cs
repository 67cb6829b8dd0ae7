namespace Streams.Ingest.Replay;

/// <summary>How fast a replay may be. Null: as fast as live leaves room for.</summary>
/// <param name="RecordsPerSecond">Records read per second.</param>
/// <param name="BytesPerSecond">Bytes of keys and values read per second.</param>
/// <param name="CaptionerShare">Share of the time, in (0, 1], in which the run may have the processors busy: after a call of t seconds it rests t (1 - share) / share.</param>
public sealed record ReplayLimits(double? RecordsPerSecond = null, double? BytesPerSecond = null, double? CaptionerShare = null)
{
    /// <summary>None.</summary>
    public static ReplayLimits None { get; } = new();
}
