using System.Text.Json.Serialization;
using Streams.Ingest.Replay;

namespace Streams.Host.Runs;

/// <summary>A run as the registry keeps it: what was asked for, the frozen part of the topic that it reads, and where it stands.</summary>
/// <param name="Run">Its name.</param>
/// <param name="Topic">Source topic.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Ranges">The part of each partition that it reads, frozen when it was made.</param>
/// <param name="From">First record as it was asked for; null: the oldest.</param>
/// <param name="To">End as it was asked for; null: the newest at the start.</param>
/// <param name="Settings">Settings of the processors that differ from live's.</param>
/// <param name="Limits">How fast it may be.</param>
/// <param name="Done">Offsets passed, over all partitions.</param>
/// <param name="RecordsPerSecond">Mean rate since its host took it up.</param>
/// <param name="SecondsLeft">At that rate; null before there is one.</param>
/// <param name="DeadLettered">Records that went to the run's dead-letter topic since its host took it up.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Host">The process that runs it, or did last.</param>
/// <param name="Heard">When that process was last heard of.</param>
/// <param name="Created">When it was made.</param>
public sealed record RunStatus(
    string Run,
    string Topic,
    RunState State,
    IReadOnlyList<ReplayRange> Ranges,
    string? From,
    string? To,
    IReadOnlyDictionary<string, string> Settings,
    ReplayLimits Limits,
    long Done,
    double RecordsPerSecond,
    double? SecondsLeft,
    long DeadLettered,
    string? Error,
    string Host,
    DateTimeOffset Heard,
    DateTimeOffset Created)
{
    /// <summary>Offsets to pass, over all partitions.</summary>
    public long Total => Ranges.Sum(range => range.Length);

    /// <summary>It is not going on, and not done.</summary>
    [JsonIgnore]
    internal bool CanResume => State is RunState.Paused or RunState.Failed;
}

/// <summary>States of a run.</summary>
public enum RunState
{
    /// <summary>Reading, or waiting for a host to go on with it.</summary>
    Running,

    /// <summary>Every record up to the frozen end is durable.</summary>
    Done,

    /// <summary>An operator has stopped it; <c>streams runs resume</c> goes on from its own cursors.</summary>
    Paused,

    /// <summary>See the error; <c>streams runs resume</c> tries again.</summary>
    Failed,
}
