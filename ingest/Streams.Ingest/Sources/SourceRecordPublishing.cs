using System.Runtime.InteropServices;
using Streams.Ingest.Publishing;

namespace Streams.Ingest.Sources;

/// <summary>Publishes what sources make.</summary>
public static class SourceRecordPublishing
{
    /// <summary>Writes <paramref name="record"/>, without copying its value where it is a whole array.</summary>
    /// <exception cref="PublishException">Not written, or not known to be.</exception>
    public static Task<(int Partition, long Offset)> PublishAsync(this RecordPublisher publisher, SourceRecord record, CancellationToken ct = default)
    {
        var value = MemoryMarshal.TryGetArray(record.Value, out var array) && array.Count == array.Array!.Length ? array.Array : record.Value.ToArray();
        return publisher.PublishAsync(record.Topic, record.Key, record.Envelope, value, record.Headers, ct);
    }
}
