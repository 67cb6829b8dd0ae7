namespace Streams.Ingest.Replay;

/// <summary>Where a replay stands.</summary>
/// <param name="Done">Offsets below which everything is durable, counted from the start, over all partitions.</param>
/// <param name="Total">Offsets to pass.</param>
/// <param name="Elapsed">Since this process took the run up.</param>
/// <param name="RecordsPerSecond">Mean rate of this process.</param>
/// <param name="Left">At that rate; null before there is one.</param>
/// <param name="DeadLettered">Records that went to the run's dead letters in this process.</param>
public sealed record ReplayProgress(long Done, long Total, TimeSpan Elapsed, double RecordsPerSecond, TimeSpan? Left, long DeadLettered);
