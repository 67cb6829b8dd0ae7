using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Producers;

/// <summary>
/// The sequence numbers of the idempotent producers of one partition: a retried batch is answered with the offset it
/// got the first time, a gap and an older epoch are refused. Guarded by the partition's lock.
/// </summary>
internal sealed class ProducerStates
{
    private readonly Dictionary<long, ProducerEntry> _entries = [];

    public IReadOnlyCollection<ProducerEntry> Entries => _entries.Values;

    /// <summary>Whether the batch may be written; for a retry the offset that it already has.</summary>
    public (ErrorCode Error, long? WrittenAt) Check(in RecordBatchHeader header)
    {
        // Nothing known (a new producer, or one idle for so long that it was forgotten): any sequence may begin.
        if (!_entries.TryGetValue(header.ProducerId, out var entry))
            return (ErrorCode.None, null);
        if (header.ProducerEpoch < entry.Epoch)
            return (ErrorCode.InvalidProducerEpoch, null);
        if (header.ProducerEpoch > entry.Epoch)
            return (header.BaseSequence == 0 ? ErrorCode.None : ErrorCode.OutOfOrderSequenceNumber, null);
        if (entry.Find(header.BaseSequence, header.LastSequence) is { } written)
            return (ErrorCode.None, written.BaseOffset);
        int expected = entry.LastSequence == int.MaxValue ? 0 : entry.LastSequence + 1;
        return (header.BaseSequence == expected ? ErrorCode.None : ErrorCode.OutOfOrderSequenceNumber, null);
    }

    public void Record(in RecordBatchHeader header, long nowMs)
    {
        if (!header.HasProducer)
            return;
        if (!_entries.TryGetValue(header.ProducerId, out var entry) || entry.Epoch != header.ProducerEpoch)
            _entries[header.ProducerId] = entry = new ProducerEntry(header.ProducerId, header.ProducerEpoch);
        entry.Add(new(header.BaseSequence, header.LastSequence, header.BaseOffset), nowMs);
    }

    /// <summary>Notes the end of a transaction: an epoch in it that is newer fences the producer of the older one.</summary>
    public void RecordMarker(in RecordBatchHeader marker, long nowMs)
    {
        if (!_entries.TryGetValue(marker.ProducerId, out var entry) || entry.Epoch < marker.ProducerEpoch)
            _entries[marker.ProducerId] = entry = new ProducerEntry(marker.ProducerId, marker.ProducerEpoch);
        entry.Touch(nowMs);
    }

    public ProducerEntry? Find(long producerId) => _entries.GetValueOrDefault(producerId);

    public void Restore(ProducerEntry entry) => _entries[entry.ProducerId] = entry;

    public void Forget(long idleSinceMs, Func<long, bool> isNeeded)
    {
        foreach (var entry in _entries.Values.Where(entry => entry.LastWriteMs < idleSinceMs && !isNeeded(entry.ProducerId)).ToList())
            _entries.Remove(entry.ProducerId);
    }
}
