namespace Streams.Processors.ModeEstimation.Scale;

/// <summary>What an <see cref="OpenSetEstimator"/> knows.</summary>
/// <param name="Leader">The label that has certainly come most often; null before any.</param>
/// <param name="LeaderAtLeast">How often at least.</param>
/// <param name="RivalAtMost">How often any other came at most.</param>
/// <param name="LargestLead">By how many labels the leader is ahead at most.</param>
/// <param name="LogEValue">Natural logarithm of the evidence for the leader; 0 while the bounds speak for nobody.</param>
/// <param name="PValue">Anytime-valid p-value.</param>
/// <param name="Unrejected">Labels with a counter that may still be the mode, the most frequent first.</param>
/// <param name="IsUnseenOut">No label without a counter can be the mode.</param>
internal sealed record OpenSetStanding(
    string? Leader, long LeaderAtLeast, long RivalAtMost, long LargestLead, double LogEValue, double PValue, IReadOnlyList<string> Unrejected, bool IsUnseenOut);
