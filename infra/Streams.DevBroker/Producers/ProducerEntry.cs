namespace Streams.DevBroker.Producers;

/// <summary>What one producer wrote last to one partition.</summary>
internal sealed class ProducerEntry(long producerId, short epoch)
{
    /// <summary>A client keeps at most five requests in flight, so a retry can name no older batch than these.</summary>
    public const int KeptBatches = 5;

    private readonly Queue<WrittenBatch> _batches = new(KeptBatches);

    public readonly record struct WrittenBatch(int FirstSequence, int LastSequence, long BaseOffset);

    public long ProducerId { get; } = producerId;

    public short Epoch { get; } = epoch;

    public int LastSequence { get; private set; } = -1;

    public long LastWriteMs { get; private set; }

    public IReadOnlyCollection<WrittenBatch> Batches => _batches;

    public WrittenBatch? Find(int firstSequence, int lastSequence)
    {
        foreach (var batch in _batches)
        {
            if (batch.FirstSequence == firstSequence && batch.LastSequence == lastSequence)
                return batch;
        }

        return null;
    }

    public void Add(WrittenBatch batch, long nowMs)
    {
        if (_batches.Count == KeptBatches)
            _batches.Dequeue();
        _batches.Enqueue(batch);
        LastSequence = batch.LastSequence;
        LastWriteMs = nowMs;
    }

    public void Touch(long nowMs) => LastWriteMs = nowMs;
}
