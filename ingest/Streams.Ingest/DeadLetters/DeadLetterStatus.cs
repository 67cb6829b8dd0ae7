namespace Streams.Ingest.DeadLetters;

/// <summary>What became of a dead letter.</summary>
public enum DeadLetterStatus
{
    /// <summary>Nothing yet.</summary>
    Pending,

    /// <summary>Its record was sent to the source topic again.</summary>
    Redriven,

    /// <summary>An operator gave it up.</summary>
    Purged,
}
