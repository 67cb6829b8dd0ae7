namespace Streams.Grains.Outbox;

/// <summary>A result with its final id, kept with the state that made it until the key's next batch shows that it is published.</summary>
/// <param name="Id">See <see cref="Schemas.Results.ResultId"/>.</param>
/// <param name="Run">The run.</param>
/// <param name="Topic">Result topic, without a run's prefix.</param>
/// <param name="Key">The key.</param>
/// <param name="Time">Event time.</param>
/// <param name="Type">CloudEvents type.</param>
/// <param name="Data">JSON, UTF-8.</param>
/// <param name="SourcePublished">Broker timestamp of the record that caused it.</param>
/// <param name="Partition">Source partition of that record.</param>
/// <param name="Offset">Source offset of that record.</param>
[GenerateSerializer, Immutable]
public sealed record OutboxResult(
    [property: Id(0)] string Id,
    [property: Id(1)] string Run,
    [property: Id(2)] string Topic,
    [property: Id(3)] string Key,
    [property: Id(4)] DateTimeOffset Time,
    [property: Id(5)] string Type,
    [property: Id(6)] byte[] Data,
    [property: Id(7)] DateTimeOffset SourcePublished,
    [property: Id(8)] int Partition,
    [property: Id(9)] long Offset);
