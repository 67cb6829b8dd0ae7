namespace Streams.Dashboard.Status;

/// <summary>How the pipeline is doing.</summary>
/// <param name="Silo">Name of the silo that answers.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Topics">One for each source topic.</param>
/// <param name="Components">What the pipeline depends on: broker, Redis, silo, ffmpeg, models.</param>
public sealed record PipelineStatus(
    string Silo,
    DateTimeOffset StartedAt,
    IReadOnlyList<TopicStatus> Topics,
    IReadOnlyList<ComponentStatus> Components)
{
    /// <summary>Captions held against the truth; null where it is not known.</summary>
    public CaptionAccuracy? Accuracy { get; init; }

    /// <summary>Redis answers, so that it can be asked for more.</summary>
    internal bool HasRedis => Components.All(component => component is { Healthy: true } or not { Name: ComponentStatus.Redis });

    /// <summary>The cluster's silos as the one that answers sees them.</summary>
    public IReadOnlyList<SiloState> Silos { get; init; } = [];

    /// <summary>Where models run in the process that answers.</summary>
    public IReadOnlyList<DeviceState> Devices { get; init; } = [];
}

/// <summary>One source topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="RecordsIn">Records read from it.</param>
/// <param name="Results">Results that came of them.</param>
/// <param name="DeadLetters">Records that could not be used.</param>
/// <param name="InFlight">Records read and not settled yet.</param>
/// <param name="Lag">Records on the broker that are not settled yet; null while unknown.</param>
/// <param name="EventToResult">Time from a record's event time to its result; null before the first one.</param>
public sealed record TopicStatus(
    string Topic,
    long RecordsIn,
    long Results,
    long DeadLetters,
    long InFlight,
    long? Lag,
    LatencyStatus? EventToResult)
{
    /// <summary>How long ago the broker had no record beyond the last settled one; 0 without lag, null while unknown.</summary>
    public double? LagSeconds { get; init; }
}

/// <summary>A silo of the cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Status">What the cluster holds of it: Active, Joining, ShuttingDown, Dead.</param>
public sealed record SiloState(string Name, string Address, string Status);

/// <summary>A device that a model runs on.</summary>
/// <param name="Name">Such as cpu or cuda:0.</param>
/// <param name="Use">What runs there.</param>
public sealed record DeviceState(string Name, string Use);

/// <summary>A latency's distribution.</summary>
/// <param name="P50Milliseconds">Median.</param>
/// <param name="P99Milliseconds">99th percentile.</param>
public sealed record LatencyStatus(double P50Milliseconds, double P99Milliseconds);

/// <summary>Something that the pipeline depends on.</summary>
/// <param name="Name">What.</param>
/// <param name="Healthy">It works.</param>
/// <param name="Detail">Where it is, or what is wrong and how to mend it.</param>
public sealed record ComponentStatus(string Name, bool Healthy, string Detail)
{
    /// <summary>Name of the one that results lie in.</summary>
    public const string Redis = "redis";

    /// <summary>When it last answered; null where that is not asked.</summary>
    public DateTimeOffset? LastContact { get; init; }
}
