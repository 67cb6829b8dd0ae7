using Confluent.Kafka;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.DeadLetters;

/// <summary>A dead-letter topic as it was when it was read: each letter once, with what became of it, and no values.</summary>
public sealed class DeadLetterIndex
{
    private readonly Dictionary<LetterId, DeadLetterEntry> _entries = [];
    private readonly Dictionary<LetterId, (DeadLetterMarker Marker, TopicPartitionOffset Position)> _done = [];
    private readonly DeadLetterFilter _filter;

    internal DeadLetterIndex(DeadLetterFilter filter) => _filter = filter;

    /// <summary>The letters that the filter meant, in the order of their origin.</summary>
    public IReadOnlyList<DeadLetterEntry> Entries { get; private set; } = [];

    /// <summary>Records that are neither letters nor markers.</summary>
    public int Foreign => ForeignPositions.Count;

    internal List<TopicPartitionOffset> ForeignPositions { get; } = [];

    /// <summary>The end of each partition of the dead-letter topic, as far as transactions are decided.</summary>
    internal Dictionary<int, long> Ends { get; } = [];

    internal IEnumerable<(LetterId Id, TopicPartitionOffset Position)> Markers => _done.Select(done => (done.Key, done.Value.Position));

    internal DeadLetterEntry? Find(LetterId id) => _entries.GetValueOrDefault(id);

    internal void Add(ConsumeResult<byte[]?, byte[]?> record)
    {
        var headers = RecordHeaders.Find(record.Message.Headers);
        if (DeadLetterMarker.FromHeaders(headers) is { } marker)
        {
            // The last one counts for compaction: while it is there, its letter is done.
            _done[new LetterId(marker.Run, marker.Origin, marker.Timestamp.ToUnixTimeMilliseconds())] = (marker, record.TopicPartitionOffset);
        }
        else if (DeadLetter.FromHeaders(headers) is { } letter)
        {
            Add(new DeadLetterEntry(letter, record.Message.Key, record.Message.Value?.Length, Truncated(headers), record.TopicPartitionOffset));
        }
        else
        {
            ForeignPositions.Add(record.TopicPartitionOffset);
        }
    }

    /// <summary>Settles what became of each letter, once all records have been added.</summary>
    internal void Complete()
    {
        foreach (var (id, entry) in _entries)
        {
            if (_done.TryGetValue(id, out var done))
            {
                entry.Status = done.Marker.Status == DeadLetterMarker.Redriven ? DeadLetterStatus.Redriven : DeadLetterStatus.Purged;
                entry.DoneAt = done.Marker.Time;
            }
        }

        Entries =
        [
            .. _entries.Values.Where(_filter.Matches)
                .OrderBy(entry => entry.Letter.Topic, StringComparer.Ordinal).ThenBy(entry => entry.Letter.Partition).ThenBy(entry => entry.Letter.Offset),
        ];
    }

    private void Add(DeadLetterEntry entry)
    {
        if (!_filter.MatchesRecord(entry))
        {
            return;
        }

        if (!_entries.TryAdd(entry.Id, entry))
        {
            var first = _entries[entry.Id];
            first.LastPosition = entry.Position;
            first.Copies++;
        }
    }

    private static long? Truncated(Func<string, byte[]?> headers) =>
        headers(Schemas.Envelope.Headers.TruncatedFrom) is { } bytes
            ? long.TryParse(bytes, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var length) ? length : 0
            : null;
}
