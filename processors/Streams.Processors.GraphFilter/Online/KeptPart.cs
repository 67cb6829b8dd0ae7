namespace Streams.Processors.GraphFilter.Online;

/// <summary>A part over other sensors.</summary>
/// <param name="Part">Its sensors, by their numbers from now on.</param>
/// <param name="Former">Number of the part that it was, or -1 for a new one.</param>
/// <param name="Places">For each of its sensors its place there.</param>
internal sealed record KeptPart(NetworkPart Part, int Former, int[] Places);
