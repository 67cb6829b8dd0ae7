using System.ComponentModel.DataAnnotations;

namespace Streams.Processors.GraphFilter.Drift;

/// <summary>The test whether a network has changed. The defaults see a change at a fifth of the entries missing within a hundred rows.</summary>
public sealed record DriftOptions
{
    /// <summary>a: weight of the last row in the short covariance, which (2 - a) / a rows make up.</summary>
    [Range(0.005, 0.5)]
    public double Rate { get; init; } = 0.015;

    /// <summary>Rows between two tests.</summary>
    [Range(1, 10_000)]
    public int TestEvery { get; init; } = 4;

    /// <summary>Most statistics that median and median absolute deviation are taken of; half as many must be there before anything is an alarm.</summary>
    [Range(16, 4_096)]
    public int ReferenceTests { get; init; } = 256;

    /// <summary>Tests between the last one and the reference, so that a change does not hide in it.</summary>
    [Range(0, 4_096)]
    public int Lag { get; init; } = 25;

    /// <summary>Deviations above the median at which it is an alarm.</summary>
    [Range(1, 1_000)]
    public double Threshold { get; init; } = 5;
}
