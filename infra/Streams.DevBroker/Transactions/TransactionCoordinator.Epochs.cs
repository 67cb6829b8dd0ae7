using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Transactions;

/// <content>Producer ids and epochs: who is fenced by whom.</content>
internal sealed partial class TransactionCoordinator
{
    private const long NotNamed = -1;

    private InitResult Init_NeedsLock(TransactionalId id, int timeoutMs, long producerId, short producerEpoch)
    {
        bool isNamed = producerId != NotNamed;
        if (isNamed && !IsOwn(id.Metadata, producerId, producerEpoch))
            return InitResult.Failed(ErrorCode.ProducerFenced);
        if (!Complete_NeedsLock(id))
            return InitResult.Failed(ErrorCode.ConcurrentTransactions);
        if (id.Metadata.State == TransactionState.Ongoing)
        {
            // The markers carry a newer epoch, so that partitions refuse what the old producer still sends them.
            Fence_NeedsLock(id);
            if (!Complete_NeedsLock(id))
                return InitResult.Failed(ErrorCode.ConcurrentTransactions);
            isNamed = false;
        }

        var old = id.Metadata;
        bool isRetry = isNamed && old.HasProducer && producerEpoch != old.ProducerEpoch;
        if (isRetry)
            return new(ErrorCode.None, old.ProducerId, old.ProducerEpoch);
        Save_NeedsLock(id, Bump(old, isNamed) with { TimeoutMs = timeoutMs, State = TransactionState.Empty, StartMs = -1 });
        return new(ErrorCode.None, id.Metadata.ProducerId, id.Metadata.ProducerEpoch);
    }

    /// <summary>Whether a producer that names its id and epoch is the current one, or was until an answer to it got lost.</summary>
    private static bool IsOwn(TransactionMetadata metadata, long producerId, short producerEpoch)
    {
        if (!metadata.HasProducer)
            return true;
        if (metadata.ProducerId == producerId)
            return producerEpoch == metadata.ProducerEpoch || producerEpoch == metadata.LastProducerEpoch;
        return metadata.LastProducerId == producerId && producerEpoch == metadata.LastProducerEpoch && TransactionMetadata.IsExhausted(producerEpoch);
    }

    /// <summary>The next epoch, or the first one of a new producer id when there is none left.</summary>
    private TransactionMetadata Bump(TransactionMetadata old, bool keepLast)
    {
        short last = keepLast ? old.ProducerEpoch : (short)-1;
        if (!old.HasProducer || old.IsEpochExhausted)
            return old with { ProducerId = _producerIds.Next(), ProducerEpoch = 0, LastProducerId = old.ProducerId, LastProducerEpoch = last };
        return old with { ProducerEpoch = (short)(old.ProducerEpoch + 1), LastProducerEpoch = last };
    }

    /// <summary>Decides to abort, under an epoch that its producer does not have.</summary>
    private bool Fence_NeedsLock(TransactionalId id)
    {
        short fencing = (short)(id.Metadata.ProducerEpoch + 1);
        Save_NeedsLock(id, id.Metadata with { State = TransactionState.PrepareAbort, ProducerEpoch = fencing, LastProducerEpoch = -1 });
        return true;
    }
}
