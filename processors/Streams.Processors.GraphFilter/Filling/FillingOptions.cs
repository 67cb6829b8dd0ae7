using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>What the filters of a network are made with.</summary>
/// <param name="Learning">How the graph is learned.</param>
/// <param name="DeviationForgetting">gamma of the covariance of the deviations.</param>
/// <param name="Noise">Variance of what a sensor has alone, in units of its own variance.</param>
/// <param name="Blocks">How a large network is cut.</param>
internal sealed record FillingOptions(OnlineOptions Learning, double DeviationForgetting, double Noise, PartitionOptions Blocks);
