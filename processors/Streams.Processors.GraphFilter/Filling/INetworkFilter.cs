using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// Fills the gaps of a network's rows and learns its graph from them: whole (<see cref="GapFiller"/>) or in parts (<see cref="BlockedFiller"/>).
/// </summary>
internal interface INetworkFilter
{
    int Sensors { get; }

    /// <summary>
    /// To be set before <see cref="Update"/>: each reading's distance from what its sensor's past foretells, in standard deviations; NaN is a gap.
    /// </summary>
    double[] Residuals { get; }

    /// <summary>To be set before <see cref="Update"/>: the deviation from its level that a sensor's past foretells, in standard deviations.</summary>
    double[] Expected { get; }

    /// <summary>To be set before <see cref="Update"/>: share of a sensor's deviation that lasts until this row.</summary>
    double[] Persistence { get; }

    /// <summary>To be set before <see cref="Update"/>: standard deviation of the innovation until this row over that of a usual step.</summary>
    double[] Growth { get; }

    /// <summary>To be set before <see cref="Update"/>: expected standard deviations beyond which a residual counts as this.</summary>
    double[] Limits { get; }

    /// <summary>Deviation of each entry from its level: filled, or as observed within its limits.</summary>
    double[] Mean { get; }

    /// <summary>Residual of each entry: filled, or as observed within its limits.</summary>
    double[] Innovations { get; }

    /// <summary>Variance of each residual as it was expected from the past alone.</summary>
    double[] Foretold { get; }

    /// <summary>Statistic of the drift test: about 1 while nothing changes.</summary>
    double DriftStatistic { get; }

    /// <summary>Takes the row in.</summary>
    RowOutcome Update();

    /// <summary>Standard deviation of a gap, calibrated.</summary>
    double Deviation(int sensor);

    /// <summary>Learns from a row of residuals without filling it, for states of versions that kept them.</summary>
    void Learn(ReadOnlySpan<double> residuals);

    /// <summary>Pairs that are edges, ascending; pairs are numbered (0,1), (0,2), …, (1,2), ….</summary>
    int[] EdgePairs();

    /// <summary>The graph, its filter and what a reader should know of them.</summary>
    OnlineGraph Describe(IReadOnlyList<string> names);

    /// <summary>Over other sensors: for each its former number, or -1.</summary>
    INetworkFilter Adopt(int[] places);
}
