using System.ComponentModel.DataAnnotations;

namespace Streams.Ingest.Replay;

/// <summary>How much of a host a replay may take. The rest of how it reads is as for live (<c>Streams:Pump</c>).</summary>
public sealed class ReplayOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Streams:Replay";

    /// <summary>Most keys that a run processes at the same moment. Few, so that live has the processors.</summary>
    [Range(1, 4096)]
    public int MaxLanes { get; set; } = 2;

    /// <summary>Bytes in flight of a run.</summary>
    [Range(1024 * 1024, 16L * 1024 * 1024 * 1024)]
    public long ByteBudget { get; set; } = 32 * 1024 * 1024;

    /// <summary>Records of live that wait in this host above which a run takes no more until they are fewer.</summary>
    [Range(1, 1_000_000)]
    public long YieldToLiveAbove { get; set; } = 200;
}
