namespace Streams.Grains.Processing;

/// <summary>One key of one source topic in one run. Key: <see cref="StreamKey"/>.</summary>
public interface IStreamGrain : IGrainWithStringKey
{
    /// <summary>
    /// Applies records of one partition, ascending by offset. Idempotent: what was applied before is left out.
    /// When it returns, state and results are durable and the results are published.
    /// </summary>
    /// <returns>The records of this batch that the processor refuses.</returns>
    /// <exception cref="StaleEpochException">A newer owner of the partition has been here.</exception>
    Task<RejectedRecord[]> ApplyAsync(RecordBatch batch);
}

/// <summary>Records of one partition for one key.</summary>
/// <param name="Partition">Source partition.</param>
/// <param name="Epoch">The caller's epoch of that partition.</param>
/// <param name="Records">Ascending by offset.</param>
[GenerateSerializer, Immutable]
public sealed record RecordBatch([property: Id(0)] int Partition, [property: Id(1)] long Epoch, [property: Id(2)] RecordMessage[] Records);

/// <summary>One source record on its way into a grain.</summary>
/// <param name="Offset">Source offset.</param>
/// <param name="EventTime">Event time.</param>
/// <param name="EventType">CloudEvents type.</param>
/// <param name="Payload">See <see cref="Schemas.Processing.InputRecord"/>.</param>
/// <param name="Published">Broker timestamp.</param>
[GenerateSerializer, Immutable]
public sealed record RecordMessage(
    [property: Id(0)] long Offset,
    [property: Id(1)] DateTimeOffset EventTime,
    [property: Id(2)] string EventType,
    [property: Id(3)] ReadOnlyMemory<byte> Payload,
    [property: Id(4)] DateTimeOffset Published);

/// <summary>A record that the processor refuses.</summary>
/// <param name="Offset">Its source offset.</param>
/// <param name="Reason">What is wrong and how to mend it.</param>
[GenerateSerializer, Immutable]
public sealed record RejectedRecord([property: Id(0)] long Offset, [property: Id(1)] string Reason);
