using System.ComponentModel.DataAnnotations;
using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.Online;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>How the graph and filter of a sensor network are followed. The defaults were measured on daily and hourly temperatures.</summary>
public sealed record GraphFilterOptions : IValidatableObject
{
    /// <summary>
    /// Rows that the covariance amounts to: it forgets exponentially, at gamma = (W - 1) / (W + 1) a row. Longer is better until the network changes. A
    /// sensor without a reading in so many rows is forgotten.
    /// </summary>
    [Range(8, 100_000)]
    public int WindowRows { get; init; } = 400;

    /// <summary>Rows before the first graph is learned; until then a common mode stands in for it.</summary>
    [Range(4, 10_000)]
    public int MinRows { get; init; } = 12;

    /// <summary>
    /// Rows between two learning steps of the graph, once there are ten times as many; before that a tenth of the rows. The covariance moves with every row.
    /// </summary>
    [Range(1, 10_000)]
    public int LearnEveryRows { get; init; } = 6;

    /// <summary>
    /// Rows between two published graphs; the first learning step at or after that many publishes. A graph that has changed by more than
    /// <see cref="ChangeTolerance"/> is not kept waiting, nor is an alarm of the drift test.
    /// </summary>
    [Range(1, 1_000_000)]
    public int UpdateEveryRows { get; init; } = 30;

    /// <summary>
    /// How far the edges may move away from those published last, before a graph is published early: the share that only one of both has, of all that
    /// either has. At 1 none is early.
    /// </summary>
    [Range(0, 1)]
    public double ChangeTolerance { get; init; } = 0.5;

    /// <summary>Steps of the optimiser at the first learning step.</summary>
    [Range(1, 1_000)]
    public int Iterations { get; init; } = 60;

    /// <summary>Steps of the optimiser at each later learning step, from where the last one ended.</summary>
    [Range(1, 1_000)]
    public int WarmIterations { get; init; } = 8;

    /// <summary>Low- or high-pass, where it is known; else the constant mode decides.</summary>
    public FilterSign Sign { get; init; } = FilterSign.Auto;

    /// <summary>Share of each deviation that moves a sensor's level: 0.05 remembers about twenty rows.</summary>
    [Range(0.0001, 1)]
    public double LevelRate { get; init; } = 0.05;

    /// <summary>
    /// Share of a sensor's deviation from its level that is expected to be there one usual step later, to begin with: the network's own is learned, and each
    /// sensor's.
    /// </summary>
    [Range(0, 0.99)]
    public double Persistence { get; init; } = 0.8;

    /// <summary>
    /// Period of a cycle that readings may have; how much of one they have is learned. Zero: none is looked for. Ignored where fewer than four usual steps
    /// make a period.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3660.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Season { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Variance of what a sensor has alone, in units of its own variance.</summary>
    [Range(0.001, 1)]
    public double NoiseVariance { get; init; } = 0.04;

    /// <summary>Rows between two tests whether the network has changed. The test has the cost of a few products of the network's size.</summary>
    [Range(1, 10_000)]
    public int TestDriftEveryRows { get; init; } = 2;

    /// <summary>What an alarm of that test does. It is reported in the next graph in any case.</summary>
    [EnumDataType(typeof(AlarmResponse))]
    public AlarmResponse OnDrift { get; init; } = AlarmResponse.FasterForgetting;

    /// <summary>Most sensors of a network.</summary>
    [Range(1, 4_096)]
    public int MaxSensors { get; init; } = 2_048;

    /// <summary>
    /// Most sensors of a network that is followed whole: time grows with their cube. One with more is cut into overlapping parts, along the communities of its
    /// graph, and stays so; edges between sensors that share no part are not found.
    /// </summary>
    [Range(8, 4_096)]
    public int WholeSensors { get; init; } = 512;

    /// <summary>Most sensors in the core of a part; it sees a quarter as many of others besides, those nearest to it. Ignored up to <see cref="WholeSensors"/>.</summary>
    [Range(8, 1_024)]
    public int BlockSensors { get; init; } = 256;

    /// <summary>Most rows in one record, so that no record holds up the others for minutes.</summary>
    [Range(1, 1_000_000)]
    public int MaxRowsPerRecord { get; init; } = 10_000;

    /// <summary>Most edges in a published graph; the strongest stay.</summary>
    [Range(1, 1_000_000)]
    public int MaxEdges { get; init; } = 2_000;

    /// <summary>
    /// How much older than its source's newest row a row may come and still be taken in its place: rows wait until the watermark has passed them. Zero
    /// takes each record as it comes, and nothing waits.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "366.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan AllowedLateness { get; init; }

    /// <summary>Event time by which other sources move on before a silent one is not waited for any more. Ignored without <see cref="AllowedLateness"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "3660.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What becomes of later rows. Ignored without <see cref="AllowedLateness"/>: then they are dropped.</summary>
    [EnumDataType(typeof(LatePolicy))]
    public LatePolicy LatePolicy { get; init; } = LatePolicy.Drop;

    /// <summary>Most rows that wait, and most that can be corrected; beyond, the oldest are taken or settled early. They lie in the state, eight bytes a reading.</summary>
    [Range(1, 100_000)]
    public int MaxWaitingRows { get; init; } = 2_000;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MinRows > WindowRows)
        {
            yield return new ValidationResult($"MinRows is {MinRows} and WindowRows {WindowRows}; give at least as many WindowRows as MinRows", [nameof(MinRows)]);
        }
    }
}
