namespace Streams.Processors.GraphFilter.Online;

/// <summary>One of the overlapping parts of a network.</summary>
/// <param name="Members">Numbers of its sensors: the core, ascending, then the halo, nearest first.</param>
/// <param name="Core">How many are the core. Each sensor is in one core.</param>
internal sealed record NetworkPart(int[] Members, int Core);
