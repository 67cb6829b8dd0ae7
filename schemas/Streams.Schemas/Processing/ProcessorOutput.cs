namespace Streams.Schemas.Processing;

/// <summary>What a batch of records led to.</summary>
/// <param name="Results">In the order of the records that caused them.</param>
/// <param name="Rejections">Records that cannot be used; they go to the dead-letter topic.</param>
public sealed record ProcessorOutput(IReadOnlyList<ResultDraft> Results, IReadOnlyList<Rejection> Rejections)
{
    /// <summary>Nothing came of it.</summary>
    public static ProcessorOutput Empty { get; } = new([], []);
}

/// <summary>A result before it has an id. The n-th draft of one record becomes result n of that record's offset.</summary>
/// <param name="Partition">Source partition of the record that caused it.</param>
/// <param name="Offset">Source offset of the record that caused it.</param>
/// <param name="Topic">Result topic, one of <see cref="Topics.Results"/>.</param>
/// <param name="Type">CloudEvents type, one of <see cref="Envelope.EventTypes"/>.</param>
/// <param name="Time">Event time of the result.</param>
/// <param name="Data">JSON, UTF-8, by <see cref="Results.ResultJson"/>.</param>
public sealed record ResultDraft(int Partition, long Offset, string Topic, string Type, DateTimeOffset Time, byte[] Data);

/// <summary>A record that the processor refuses, and why.</summary>
public sealed record Rejection(int Partition, long Offset, string Reason);
