namespace Streams.Ingest.DeadLetters;

/// <summary>Where a redrive or purge stands; tests cut it off at each of these.</summary>
internal enum DeadLetterStep
{
    /// <summary>Earlier owners of the transactional id are fenced and what they left open is aborted.</summary>
    Fenced,

    /// <summary>The topic has been read.</summary>
    Indexed,

    /// <summary>A transaction has begun.</summary>
    Begun,

    /// <summary>A record is on its way to the source topic or to the dead-letter topic.</summary>
    Produced,

    /// <summary>The broker has all records of the transaction.</summary>
    Delivered,

    /// <summary>The transaction is decided.</summary>
    Committed,

    /// <summary>Something failed, and the open transaction is about to be aborted.</summary>
    Aborting,
}
