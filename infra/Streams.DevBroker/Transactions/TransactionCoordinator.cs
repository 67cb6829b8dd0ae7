using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Streams.DevBroker.Groups;
using Streams.DevBroker.Log;
using Streams.DevBroker.Producers;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Transactions;

/// <summary>
/// Coordinates the transactions of all producers: who may write under a transactional id, what belongs to its open
/// transaction, and how that ends everywhere. Methods with the suffix _NeedsLock are called with the id's lock held.
/// </summary>
internal sealed partial class TransactionCoordinator : IDisposable
{
    private readonly ConcurrentDictionary<string, TransactionalId> _ids = new(StringComparer.Ordinal);
    private readonly TransactionStore _store;
    private readonly OffsetStore _offsets;
    private readonly ProducerIds _producerIds;
    private readonly Func<TopicPartition, PartitionLog?> _findLog;
    private readonly DevBrokerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public TransactionCoordinator(
        TransactionStore store,
        OffsetStore offsets,
        ProducerIds producerIds,
        Func<TopicPartition, PartitionLog?> findLog,
        DevBrokerOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _store = store;
        _offsets = offsets;
        _producerIds = producerIds;
        _findLog = findLog;
        _options = options;
        _time = time;
        _logger = logger;
        _epoch = time.GetTimestamp();
        _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A snapshot for operators.</summary>
    public IReadOnlyList<TransactionMetadata> All => [.. _ids.Values.Select(Read).Where(metadata => metadata.State != TransactionState.Dead)];

    private long WallMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public TransactionMetadata? Find(string transactionalId) =>
        _ids.TryGetValue(transactionalId, out var id) && Read(id) is { State: not TransactionState.Dead } found ? found : null;

    /// <summary>
    /// Makes the caller the one producer of a transactional id: fences the one before, ends what it left open. A caller that
    /// names its own id and epoch recovers from an error and keeps what is its own.
    /// </summary>
    public InitResult Init(string transactionalId, int timeoutMs, long producerId, short producerEpoch)
    {
        if (transactionalId.Length == 0)
            return InitResult.Failed(ErrorCode.InvalidRequest);
        if (timeoutMs <= 0 || timeoutMs > _options.TransactionMaxTimeout.TotalMilliseconds)
            return InitResult.Failed(ErrorCode.InvalidTransactionTimeout);
        while (true)
        {
            var id = _ids.GetOrAdd(transactionalId, static name => new(new TransactionMetadata { TransactionalId = name }, long.MaxValue));
            lock (id.Lock)
            {
                if (id.Metadata.State == TransactionState.Dead)
                    continue;
                return Guard(() => Init_NeedsLock(id, timeoutMs, producerId, producerEpoch), InitResult.Failed);
            }
        }
    }

    /// <summary>Makes partitions part of the open transaction; opens one when there is none.</summary>
    public ErrorCode AddPartitions(string transactionalId, long producerId, short producerEpoch, IReadOnlyCollection<TopicPartition> partitions) =>
        InId(transactionalId, producerId, producerEpoch, id => Add_NeedsLock(id, partitions, []));

    /// <summary>Makes a group's offsets part of the open transaction; opens one when there is none.</summary>
    public ErrorCode AddGroup(string transactionalId, long producerId, short producerEpoch, string group) =>
        InId(transactionalId, producerId, producerEpoch, id => Add_NeedsLock(id, [], [group]));

    /// <summary>Ends the open transaction. The answer to a repeated request for what has been done is that it is done.</summary>
    public ErrorCode End(string transactionalId, long producerId, short producerEpoch, bool commit) =>
        InId(transactionalId, producerId, producerEpoch, id => End_NeedsLock(id, commit));

    /// <summary>Appends a transactional batch, if its partition is in the open transaction of its producer.</summary>
    public AppendResult Append(string transactionalId, TopicPartition partition, PartitionLog log, Span<byte> batch, short produceVersion)
    {
        if (batch.Length < RecordBatchHeader.Size || RecordBatchHeader.Parse(batch) is not { IsTransactional: true } header)
            return log.Append(batch, produceVersion);
        if (!_ids.TryGetValue(transactionalId, out var id))
            return AppendResult.Failed(ErrorCode.InvalidProducerIdMapping, $"transactional id '{transactionalId}' is not known");
        lock (id.Lock)
        {
            if (CheckWrite_NeedsLock(id, header.ProducerId, header.ProducerEpoch, id.Metadata.Partitions.Contains(partition)) is var error and not ErrorCode.None)
                return AppendResult.Failed(error, $"producer {header.ProducerId} epoch {header.ProducerEpoch} has no open transaction of '{transactionalId}' with this partition");
            return log.Append(batch, produceVersion, inTransaction: true);
        }
    }

    /// <summary>Lets offsets be kept aside for a group, if it is in the open transaction of the producer.</summary>
    public ErrorCode CommitOffsets(string transactionalId, long producerId, short producerEpoch, string group, Func<ErrorCode> keep)
    {
        if (!_ids.TryGetValue(transactionalId, out var id))
            return ErrorCode.InvalidProducerIdMapping;
        lock (id.Lock)
        {
            var error = CheckWrite_NeedsLock(id, producerId, producerEpoch, id.Metadata.Groups.Contains(group));
            return error == ErrorCode.None ? keep() : error;
        }
    }

    public void Flush() => _store.Flush();

    private static TransactionMetadata Read(TransactionalId id)
    {
        lock (id.Lock)
            return id.Metadata;
    }

    /// <summary>Those who write data know an older error for being fenced than those who coordinate.</summary>
    private static ErrorCode CheckWrite_NeedsLock(TransactionalId id, long producerId, short producerEpoch, bool isMember) =>
        Check_NeedsLock(id, producerId, producerEpoch) switch
        {
            ErrorCode.None => isMember && id.Metadata.State == TransactionState.Ongoing ? ErrorCode.None : ErrorCode.InvalidTxnState,
            ErrorCode.ProducerFenced => ErrorCode.InvalidProducerEpoch,
            var error => error,
        };

    private static ErrorCode Check_NeedsLock(TransactionalId id, long producerId, short producerEpoch) =>
        id.Metadata.State == TransactionState.Dead || id.Metadata.ProducerId != producerId ? ErrorCode.InvalidProducerIdMapping
        : id.Metadata.ProducerEpoch != producerEpoch ? ErrorCode.ProducerFenced
        : ErrorCode.None;

    private ErrorCode InId(string transactionalId, long producerId, short producerEpoch, Func<TransactionalId, ErrorCode> action)
    {
        if (transactionalId.Length == 0)
            return ErrorCode.InvalidRequest;
        if (!_ids.TryGetValue(transactionalId, out var id))
            return ErrorCode.InvalidProducerIdMapping;
        lock (id.Lock)
        {
            var error = Check_NeedsLock(id, producerId, producerEpoch);
            return error == ErrorCode.None ? Guard(() => action(id), static failed => failed) : error;
        }
    }

    /// <summary>A journal that cannot be written changes nothing: the client is told to try again.</summary>
    private T Guard<T>(Func<T> action, Func<ErrorCode, T> failed)
    {
        try
        {
            return action();
        }
        catch (IOException failure)
        {
            _logger.MaintenanceFailed(failure);
            return failed(ErrorCode.CoordinatorNotAvailable);
        }
    }

    private ErrorCode Add_NeedsLock(TransactionalId id, IReadOnlyCollection<TopicPartition> partitions, IReadOnlyCollection<string> groups)
    {
        if (!Complete_NeedsLock(id))
            return ErrorCode.ConcurrentTransactions;
        var old = id.Metadata;
        bool isOpen = old.State == TransactionState.Ongoing;
        if (isOpen && partitions.All(old.Partitions.Contains) && groups.All(old.Groups.Contains))
            return ErrorCode.None;
        Save_NeedsLock(id, old with
        {
            State = TransactionState.Ongoing,
            StartMs = isOpen ? old.StartMs : WallMs,
            Partitions = old.Partitions.Union(partitions),
            Groups = old.Groups.Union(groups),
        });
        if (!isOpen)
            StartTimeout_NeedsLock(id, old.TimeoutMs);
        return ErrorCode.None;
    }

    private ErrorCode End_NeedsLock(TransactionalId id, bool commit)
    {
        switch (id.Metadata.State)
        {
            case TransactionState.Ongoing:
                Decide_NeedsLock(id, commit);
                return Complete_NeedsLock(id) ? ErrorCode.None : ErrorCode.ConcurrentTransactions;
            case TransactionState.PrepareCommit when commit:
            case TransactionState.PrepareAbort when !commit:
                return Complete_NeedsLock(id) ? ErrorCode.None : ErrorCode.ConcurrentTransactions;
            case TransactionState.CompleteCommit when commit:
            case TransactionState.CompleteAbort when !commit:
                return ErrorCode.None;
            default:
                return ErrorCode.InvalidTxnState;
        }
    }

    private void Save_NeedsLock(TransactionalId id, TransactionMetadata metadata)
    {
        metadata = metadata with { UpdatedMs = WallMs };
        _store.Save(metadata);
        id.Metadata = metadata;
    }
}
