namespace Streams.Schemas.Results;

/// <summary>Which sensors influence which, and through what filter. Data of <see cref="Topics.SensorGraphs"/>.</summary>
/// <param name="Network">The sensor network.</param>
/// <param name="Start">Event time of the oldest row used.</param>
/// <param name="End">Event time of the newest row used.</param>
/// <param name="Samples">Rows used.</param>
/// <param name="Sensors">Names of the vertices, in the order that the edges refer to.</param>
/// <param name="Edges">Undirected edges above the threshold, strongest first.</param>
/// <param name="Threshold">Weight above which an edge is reported (Otsu).</param>
/// <param name="Filter">The filter's frequency response.</param>
/// <param name="Fit">Relative error ||g(L) - S||_F / ||S||_F of the filter against the covariance's square root S; 0 is perfect.</param>
/// <param name="Notes">What a reader should know: a declared sign, a sensor left out as dead, and the like.</param>
/// <param name="Sign">LowPass or HighPass: whether the gain falls or rises with the frequency; null in results of older versions.</param>
/// <param name="EffectiveMemory">Rows that the covariance amounts to, forgetting in mind; null in results of older versions.</param>
/// <param name="Alarms">Changes of the network that were found since the graph before; null: none.</param>
public sealed record LearnedGraph(
    string Network,
    DateTimeOffset Start,
    DateTimeOffset End,
    int Samples,
    IReadOnlyList<string> Sensors,
    IReadOnlyList<GraphEdge> Edges,
    double Threshold,
    FilterResponse Filter,
    double Fit,
    IReadOnlyList<string> Notes,
    string? Sign = null,
    double? EffectiveMemory = null,
    IReadOnlyList<DriftAlarm>? Alarms = null);

/// <summary>An undirected edge.</summary>
/// <param name="From">Index into <see cref="LearnedGraph.Sensors"/>, the smaller one.</param>
/// <param name="To">Index into <see cref="LearnedGraph.Sensors"/>, the larger one.</param>
/// <param name="Weight">In (0, 1].</param>
/// <param name="Stability">Share of the last learning steps in which it was an edge, in [0, 1]; null where that was not followed.</param>
public sealed record GraphEdge(int From, int To, double Weight, double? Stability = null);

/// <summary>A change of the network's covariance that was found.</summary>
/// <param name="Time">Event time of the row at which it was.</param>
/// <param name="Statistic">Distance of the last rows' whitened covariance from the identity; about 1 when nothing changes.</param>
/// <param name="Response">What was done about it: Report, Reset or FasterForgetting.</param>
public sealed record DriftAlarm(DateTimeOffset Time, double Statistic, string Response);

/// <summary>A filter's response g at frequencies lambda / mean(lambda) of the learned Laplacian.</summary>
/// <param name="Frequency">Ascending, scale-free (1 is the mean eigenvalue).</param>
/// <param name="Gain">g at each frequency, in the unit of the standardised readings.</param>
public sealed record FilterResponse(IReadOnlyList<double> Frequency, IReadOnlyList<double> Gain);
