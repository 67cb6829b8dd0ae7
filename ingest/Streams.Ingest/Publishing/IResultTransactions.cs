using Streams.Schemas.Results;

namespace Streams.Ingest.Publishing;

/// <summary>The transactional producer of one source partition.</summary>
internal interface IResultTransactions
{
    /// <summary>A producer of its own for the partition. The broker is reached with the first call.</summary>
    IResultTransaction Open(PartitionId partition);
}

/// <summary>One producer. Calls hold the thread and never overlap. After any exception it is disposed, and another one is opened.</summary>
internal interface IResultTransaction : IDisposable
{
    /// <summary>
    /// Fences every earlier producer of the partition, whose open transaction is aborted, and reads what committed transactions have noted;
    /// null when there was none.
    /// </summary>
    string? Initialize();

    /// <summary>Commits <paramref name="results"/> and the note together.</summary>
    /// <exception cref="StaleEpochException">A later producer of the partition has fenced this one.</exception>
    /// <exception cref="Exception">Whether they are committed is not known.</exception>
    void Commit(IReadOnlyList<ResultMessage> results, string note);
}
