namespace Streams.Dashboard.Serving;

/// <summary>The part of one source partition whose results a run provides.</summary>
/// <param name="Partition">The source partition.</param>
/// <param name="Start">First source offset.</param>
/// <param name="End">One past the last source offset.</param>
public sealed record ServedRange(int Partition, long Start, long End);
