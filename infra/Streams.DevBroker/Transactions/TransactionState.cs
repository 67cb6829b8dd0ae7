namespace Streams.DevBroker.Transactions;

/// <summary>The states of a transactional id; their names are what operators' tools show, their numbers are on disk.</summary>
internal enum TransactionState : byte
{
    /// <summary>A producer, no transaction yet.</summary>
    Empty = 0,

    /// <summary>A transaction is open.</summary>
    Ongoing = 1,

    /// <summary>Decided, for good: markers and offsets are being written.</summary>
    PrepareCommit = 2,

    /// <summary>Decided, for good: markers are being written.</summary>
    PrepareAbort = 3,

    /// <summary>The last transaction is committed everywhere.</summary>
    CompleteCommit = 4,

    /// <summary>The last transaction is aborted everywhere.</summary>
    CompleteAbort = 5,

    /// <summary>Expired; whoever still holds this object must look the transactional id up again.</summary>
    Dead = 6,
}
