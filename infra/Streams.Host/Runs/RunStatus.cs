namespace Streams.Host.Runs;

/// <summary>Where a run stands.</summary>
/// <param name="Run">Its name.</param>
/// <param name="Topic">Source topic.</param>
/// <param name="State">Running, done, cancelled or failed.</param>
/// <param name="Done">Offsets passed, over all partitions.</param>
/// <param name="Total">Offsets to pass, over all partitions.</param>
/// <param name="RecordsPerSecond">Mean rate since the start.</param>
/// <param name="SecondsLeft">At that rate; null before there is one.</param>
/// <param name="DeadLettered">Records that went to the run's dead-letter topic.</param>
/// <param name="Error">Why it failed.</param>
public sealed record RunStatus(
    string Run, string Topic, RunState State, long Done, long Total, double RecordsPerSecond, double? SecondsLeft, long DeadLettered, string? Error);

/// <summary>States of a run.</summary>
public enum RunState
{
    /// <summary>Reading.</summary>
    Running,

    /// <summary>Every record up to the frozen end is durable.</summary>
    Done,

    /// <summary>The host stopped; the same request goes on from the run's cursors.</summary>
    Cancelled,

    /// <summary>See the error.</summary>
    Failed,
}
