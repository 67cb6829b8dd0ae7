using System.ComponentModel.DataAnnotations;
using Streams.Processors.GraphFilter.Drift;
using Streams.Processors.GraphFilter.Learning;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>How one network is followed row by row.</summary>
public sealed record OnlineOptions : IValidatableObject
{
    /// <summary>
    /// gamma: what a row leaves of the weight of those before it; (1 + gamma) / (1 - gamma) rows are remembered. Ignored with
    /// <see cref="CandidateForgettings"/>.
    /// </summary>
    [Range(0.5, 0.99999)]
    public double Forgetting { get; init; } = 0.997;

    /// <summary>Two or more: covariances that forget at different rates run side by side, mixed by how well each foretold the last rows.</summary>
    [MaxLength(8)]
    public IReadOnlyList<double> CandidateForgettings { get; init; } = [];

    /// <summary>Rows between two learnings; 0: it never learns by itself, see <see cref="BatchedLearning"/>.</summary>
    [Range(0, 100_000)]
    public int LearnEvery { get; init; } = 1;

    /// <summary>
    /// Learns more often than <see cref="LearnEvery"/> while rows are few and each one tells much: whenever they are about a tenth more. Ignored where that
    /// is 0.
    /// </summary>
    public bool LearnsEarly { get; init; }

    /// <summary>Steps of the optimiser in one learning.</summary>
    [Range(1, 1_000)]
    public int StepsPerLearning { get; init; } = 1;

    /// <summary>Steps of the first one, from the start that the data give; null: <see cref="StepsPerLearning"/>.</summary>
    [Range(1, 1_000)]
    public int? FirstSteps { get; init; }

    /// <summary>Learnings between two square roots of the covariance.</summary>
    [Range(1, 100_000)]
    public int RootEvery { get; init; } = 1;

    /// <summary>Rows before the first learning; a common mode stands in for the model until then.</summary>
    [Range(2, 100_000)]
    public int MinRows { get; init; } = 12;

    /// <summary>Step of Adam on the logits of the weights.</summary>
    [Range(0.0001, 1)]
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Low- or high-pass, where it is known; else the constant mode decides.</summary>
    public FilterSign Sign { get; init; } = FilterSign.Auto;

    /// <summary>Leaves the constant mode out, for readings centred across sensors or a filter that is 0 at frequency 0.</summary>
    public bool WithoutConstantMode { get; init; }

    /// <summary>Learns from correlations: each sensor counts alike whatever its variance. Covariances and models stay in the rows' units.</summary>
    public bool UnitVariances { get; init; }

    /// <summary>Variance of what a sensor has alone, in units of the mean variance, wherever a gap is filled.</summary>
    [Range(1e-6, 1)]
    public double NoiseVariance { get; init; } = 0.001;

    /// <summary>A pair becomes an edge this far above the threshold, and stops being one this far below, in shares of the range of the weights.</summary>
    [Range(0, 0.5)]
    public double EdgeHysteresis { get; init; } = 0.02;

    /// <summary>Weight of one learning in the stability of an edge: 0.01 looks back on about a hundred.</summary>
    [Range(0.0001, 1)]
    public double StabilityRate { get; init; } = 0.01;

    /// <summary>The drift test; null: none.</summary>
    public DriftOptions? Drift { get; init; } = new();

    /// <summary>What an alarm of the drift test does.</summary>
    [EnumDataType(typeof(AlarmResponse))]
    public AlarmResponse OnAlarm { get; init; } = AlarmResponse.Reset;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CandidateForgettings.Count == 1 || CandidateForgettings.Any(candidate => !(candidate is >= 0.5 and <= 0.99999)))
        {
            yield return new ValidationResult(
                $"CandidateForgettings is [{string.Join(", ", CandidateForgettings)}]; give none, or two to eight between 0.5 and 0.99999",
                [nameof(CandidateForgettings)]);
        }

        if (Drift is { } drift)
        {
            var failures = new List<ValidationResult>();
            Validator.TryValidateObject(drift, new ValidationContext(drift), failures, validateAllProperties: true);
            foreach (var failure in failures)
            {
                yield return failure;
            }
        }
    }
}
