using System.ComponentModel.DataAnnotations;

namespace Streams.Dashboard.Results;

/// <summary>How much of the results Redis keeps.</summary>
public sealed class ResultStoreOptions
{
    /// <summary>Results kept for each (run, topic, key), newest by event time. Applied on write, so a lower value takes effect with the next result of a key.</summary>
    [Range(1, 10_000_000)]
    public int HistoryPerKey { get; set; } = 10_000;

    /// <summary>Results kept in a run's live log, from which a dashboard that lost its connection resumes. One that was away for longer loads everything anew.</summary>
    [Range(16, 1_000_000)]
    public int LiveLogLength { get; set; } = 4_096;
}
