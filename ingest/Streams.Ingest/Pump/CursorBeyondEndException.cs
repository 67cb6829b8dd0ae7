namespace Streams.Ingest.Pump;

/// <summary>The cursor points past the end of the partition: the topic was deleted and made anew, or the broker lost its log.</summary>
public sealed class CursorBeyondEndException(PartitionId partition, long cursor, long end) : Exception(
    $"partition {partition}: the cursor is {cursor} but the log ends at {end}; the topic was made anew or lost records. "
    + "Nothing is read, since its new records would count as done: restore the log, or clear the state of this run (see the operator's page)");
