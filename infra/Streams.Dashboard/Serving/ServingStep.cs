namespace Streams.Dashboard.Serving;

/// <summary>What was served before a promotion, to come back to.</summary>
/// <param name="Version">Version of the table then.</param>
/// <param name="Entries">Its promotions.</param>
public sealed record ServingStep(long Version, IReadOnlyList<ServingEntry> Entries);
