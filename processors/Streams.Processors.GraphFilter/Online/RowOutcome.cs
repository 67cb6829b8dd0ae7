namespace Streams.Processors.GraphFilter.Online;

/// <summary>What was made of one row.</summary>
/// <param name="Observed">Entries that counted.</param>
/// <param name="Missing">Entries that were NaN.</param>
/// <param name="Unusable">Entries that were infinite or beyond ±1e15, taken as missing.</param>
/// <param name="Learned">The graph was moved.</param>
/// <param name="Alarm">The drift test found that the network has changed.</param>
public readonly record struct RowOutcome(int Observed, int Missing, int Unusable, bool Learned, bool Alarm);
