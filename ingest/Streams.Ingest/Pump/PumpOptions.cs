using System.ComponentModel.DataAnnotations;
using Streams.Schemas;

namespace Streams.Ingest.Pump;

/// <summary>How a source topic is read. Each topic's pump has these to itself.</summary>
public sealed class PumpOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Streams:Pump";

    /// <summary>Most keys that are processed at the same moment.</summary>
    [Range(1, 4096)]
    public int MaxLanes { get; set; } = 64;

    /// <summary>Most records of one key in one call.</summary>
    [Range(1, 1024)]
    public int MaxBatchRecords { get; set; } = 64;

    /// <summary>Most records in one call of a topic whose keys are many and light (<c>label.samples</c>), where a call carries many keys.</summary>
    [Range(1, 65_536)]
    public int MaxSharedBatchRecords { get; set; } = 4096;

    /// <summary>Decoded bytes after which a call is made even when more records wait. A single larger record is a call by itself.</summary>
    [Range(64 * 1024, 256 * 1024 * 1024)]
    public int MaxBatchBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>How long the first record of a key waits for company. Zero: not at all.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Bytes of records taken from the broker and not done with, above which no more are taken. What many keys share: a thousand of them come to
    /// calls of <see cref="MaxBatchRecords"/> small records only with room for all of these.
    /// </summary>
    [Range(1024 * 1024, 16L * 1024 * 1024 * 1024)]
    public long ByteBudget { get; set; } = 128 * 1024 * 1024;

    /// <summary>Bytes that the client library may fetch ahead, on top of <see cref="ByteBudget"/>.</summary>
    [Range(1024 * 1024, 1024 * 1024 * 1024)]
    public int PrefetchBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>The same of <c>video.frames</c>, decoded frames included: its records are large, and more of them in memory make nothing faster.</summary>
    [Range(1024 * 1024, 16L * 1024 * 1024 * 1024)]
    public long FrameByteBudget { get; set; } = 48 * 1024 * 1024;

    /// <summary>Bytes of <c>video.frames</c> that the client library may fetch ahead, on top of <see cref="FrameByteBudget"/>.</summary>
    [Range(1024 * 1024, 1024 * 1024 * 1024)]
    public int FramePrefetchBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// How long the budget may be spent before the partitions are paused, so that polling goes on and the group keeps its member.
    /// Pausing drops what was fetched ahead, so it is not done for short stalls.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan StallBeforePause { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long calls in progress may take when a partition is given up or the program stops.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the cursor of a partition that moved is written.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Records done after which the cursor is written before its time.</summary>
    [Range(1, 1_000_000)]
    public int CheckpointRecords { get; set; } = 1000;

    /// <summary>How often a partition whose cursor stands still asks whether the store still knows its lease.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan VerifyInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the group's offsets are committed. They serve lag tools only.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan GroupCommitInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Wait before the first repetition of a failed call; it doubles with each failure in a row, with jitter.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait between repetitions.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How often a record on which the processor fails is tried before it is dead-lettered. Failures of the store, the broker, the network or a
    /// device are not counted: those are waited out.
    /// </summary>
    [Range(1, 1000)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>How long a partition that another owner took over, yet is still assigned here, rests before it is acquired again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan FencedDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Kafka's max.poll.interval.ms: a process that does not poll for so long loses its partitions.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan MaxPollInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes of <paramref name="topic"/> that may be in flight, and fetched ahead of those.</summary>
    internal (long Budget, int Prefetch) Bytes(string topic) => topic == Topics.VideoFrames ? (FrameByteBudget, FramePrefetchBytes) : (ByteBudget, PrefetchBytes);
}
