namespace Streams.Processors.ModeEstimation.Scale;

/// <summary>What a <see cref="ModeEstimatorStore"/> knows of a key.</summary>
/// <param name="Counted">Labels counted.</param>
/// <param name="Leader">The most frequent label, the first to get there when several are.</param>
/// <param name="LeaderCount">Its count.</param>
/// <param name="RunnerUpCount">The second largest count.</param>
/// <param name="Mode">The mode, once decided.</param>
public readonly record struct StoredMode(long Counted, int Leader, long LeaderCount, long RunnerUpCount, int? Mode);
