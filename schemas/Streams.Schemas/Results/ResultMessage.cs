namespace Streams.Schemas.Results;

/// <summary>A result with its final id on its way from the durable state to the results topic.</summary>
/// <param name="Id">See <see cref="ResultId"/>.</param>
/// <param name="Run">The run.</param>
/// <param name="Topic">Result topic, without a run's prefix.</param>
/// <param name="Key">Camera, sensor network or labelling task.</param>
/// <param name="Time">Event time.</param>
/// <param name="Type">CloudEvents type.</param>
/// <param name="Data">JSON, UTF-8.</param>
/// <param name="SourceOffset">Source offset of the record that caused it.</param>
/// <param name="SourcePublished">Broker timestamp of that record.</param>
public sealed record ResultMessage(
    string Id,
    string Run,
    string Topic,
    string Key,
    DateTimeOffset Time,
    string Type,
    byte[] Data,
    long SourceOffset,
    DateTimeOffset SourcePublished)
{
    /// <summary>W3C trace context of the record that caused it, which the result carries on; null when it is of no trace.</summary>
    public string? TraceParent { get; init; }
}
