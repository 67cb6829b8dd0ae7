using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Transactions;

/// <content>Ending transactions everywhere, also those that a crash interrupted.</content>
internal sealed partial class TransactionCoordinator
{
    /// <summary>
    /// Takes over what the journal holds: open transactions go on, decided ones are completed. Transactions in partitions
    /// and pending offsets that the journal does not know, which a loss of power can leave, are aborted.
    /// </summary>
    public void Recover(IEnumerable<PartitionLog> logs)
    {
        foreach (var metadata in _store.All)
        {
            var id = _ids[metadata.TransactionalId] = new TransactionalId(metadata, long.MaxValue);
            lock (id.Lock)
            {
                if (metadata.State == TransactionState.Ongoing)
                    StartTimeout_NeedsLock(id, Math.Clamp(metadata.StartMs + metadata.TimeoutMs - WallMs, 0, metadata.TimeoutMs));
                else if (!Complete_NeedsLock(id, recovering: true))
                    StartTimeout_NeedsLock(id, 0);
            }
        }

        var known = All.Where(metadata => metadata.State is TransactionState.Ongoing || metadata.IsPrepared).ToDictionary(metadata => metadata.ProducerId);
        foreach (var log in logs)
        {
            foreach (long orphan in log.OpenTransactions.Where(producerId => !known.ContainsKey(producerId)))
                log.AbortOrphan(orphan);
        }

        foreach (var (group, producerId) in _offsets.Pending.Where(pending => !known.ContainsKey(pending.ProducerId)))
            _offsets.EndPending(group, producerId, commit: false);
    }

    /// <summary>The point of no return: once the journal has this, the transaction ends this way whatever happens.</summary>
    private void Decide_NeedsLock(TransactionalId id, bool commit) =>
        Save_NeedsLock(id, id.Metadata with { State = commit ? TransactionState.PrepareCommit : TransactionState.PrepareAbort });

    /// <summary>
    /// Writes the markers of a decided transaction and settles its offsets. False when a disk did not take them: it is tried
    /// again by whoever comes next, and by the timer.
    /// </summary>
    private bool Complete_NeedsLock(TransactionalId id, bool recovering = false)
    {
        var metadata = id.Metadata;
        if (!metadata.IsPrepared)
            return true;
        bool commit = metadata.State == TransactionState.PrepareCommit;
        try
        {
            WriteMarkers(metadata, commit, onlyIfOpen: recovering || id.MayHaveMarkers);
            foreach (string group in metadata.Groups)
                _offsets.EndPending(group, metadata.ProducerId, commit);
            Save_NeedsLock(id, metadata with
            {
                State = commit ? TransactionState.CompleteCommit : TransactionState.CompleteAbort,
                StartMs = -1,
                Partitions = [],
                Groups = [],
            });
            id.MayHaveMarkers = false;
            return true;
        }
        catch (IOException failure)
        {
            _logger.TransactionNotCompleted(metadata.TransactionalId, failure.Message);
            id.MayHaveMarkers = true;
            StartTimeout_NeedsLock(id, RetryMs);
            return false;
        }
    }

    private void WriteMarkers(TransactionMetadata metadata, bool commit, bool onlyIfOpen)
    {
        var marker = new TransactionMarker(metadata.ProducerId, metadata.ProducerEpoch, commit);
        foreach (var partition in metadata.Partitions)
        {
            // A topic that was deleted meanwhile has nothing to end.
            var error = _findLog(partition)?.AppendMarker(marker, onlyIfOpen) ?? ErrorCode.UnknownTopicOrPartition;
            if (error is not (ErrorCode.None or ErrorCode.UnknownTopicOrPartition))
                throw new IOException($"{partition.Topic}/{partition.Partition} did not take its marker: {error}");
        }
    }
}
