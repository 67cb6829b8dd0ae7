namespace Streams.Processors.ModeEstimation.DryRun;

/// <summary>Where a labelling task stood after one of its records.</summary>
/// <param name="Time">Event time of the record.</param>
/// <param name="Labels">Labels counted.</param>
/// <param name="Leader">The most frequent label; null before any, and with pairs.</param>
/// <param name="LeaderCount">Its count.</param>
/// <param name="RunnerUpCount">Count of the second label.</param>
/// <param name="LogEValue">Natural logarithm of the evidence against the runner-up being the mode.</param>
/// <param name="PValue">Anytime-valid p-value.</param>
/// <param name="Epoch">Which epoch of a task that watches for drift, from 1.</param>
public sealed record TracePoint(
    DateTimeOffset Time, long Labels, string? Leader, long LeaderCount, long RunnerUpCount, double LogEValue, double PValue, int Epoch);
