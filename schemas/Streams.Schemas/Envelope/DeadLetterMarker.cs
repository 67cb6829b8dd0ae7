namespace Streams.Schemas.Envelope;

/// <summary>
/// Says on a dead-letter topic that a letter is done with. It has the letter's key, no value, and these headers. Letters of its run, origin
/// and timestamp are done wherever they lie: a crash of the pump can repeat a letter behind its marker.
/// </summary>
/// <param name="Status"><see cref="Redriven"/> or <see cref="Purged"/>.</param>
/// <param name="Run">The letter's run.</param>
/// <param name="Origin">The letter's origin.</param>
/// <param name="Timestamp">Broker timestamp of the record that the letter is about.</param>
/// <param name="Time">When it was done.</param>
public sealed record DeadLetterMarker(string Status, string Run, RecordOrigin Origin, DateTimeOffset Timestamp, DateTimeOffset Time)
{
    /// <summary>Status of a letter whose record was sent to its source topic again, in the transaction that wrote the marker.</summary>
    public const string Redriven = "redriven";

    /// <summary>Status of a letter that an operator gave up.</summary>
    public const string Purged = "purged";

    /// <summary>The marker's headers.</summary>
    public IEnumerable<KeyValuePair<string, byte[]>> ToHeaders() =>
    [
        DeadLetterHeaders.Text(Headers.DeadLetterStatus, Status),
        DeadLetterHeaders.Text(Headers.OriginTopic, Origin.Topic),
        DeadLetterHeaders.Number(Headers.OriginPartition, Origin.Partition),
        DeadLetterHeaders.Number(Headers.OriginOffset, Origin.Offset),
        DeadLetterHeaders.Time(Headers.OriginTimestamp, Timestamp),
        DeadLetterHeaders.Text(Headers.DeadLetterRun, Run),
        DeadLetterHeaders.Time(Headers.DeadLetterTime, Time),
    ];

    /// <summary>Reads a marker's headers; null when the record is none.</summary>
    public static DeadLetterMarker? FromHeaders(Func<string, byte[]?> headers) =>
        DeadLetterHeaders.Read(headers, Headers.DeadLetterStatus) is { Length: > 0 } status
        && DeadLetterHeaders.ReadOrigin(headers) is { } origin
        && DeadLetterHeaders.ReadTime(headers, Headers.OriginTimestamp) is { } timestamp
            ? new DeadLetterMarker(
                status,
                DeadLetterHeaders.Read(headers, Headers.DeadLetterRun),
                origin,
                timestamp,
                DeadLetterHeaders.ReadTime(headers, Headers.DeadLetterTime) ?? DateTimeOffset.UnixEpoch)
            : null;
}
