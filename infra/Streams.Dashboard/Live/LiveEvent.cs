namespace Streams.Dashboard.Live;

/// <summary>What a reader of a run's live log is told.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Cursor">Where the reader is after it.</param>
/// <param name="Entry">The result, when it is one.</param>
internal readonly record struct LiveEvent(LiveEventKind Kind, LiveCursor Cursor, LiveEntry? Entry = null);

internal enum LiveEventKind
{
    /// <summary>A new reader: from here on nothing is left out. Now is the time to load what was before.</summary>
    Hello,

    /// <summary>A result.</summary>
    Result,

    /// <summary>The reader's place is no longer in the log: results may have been missed. Load anew; reading goes on at the log's end.</summary>
    Resync,

    /// <summary>Other runs are served as live than when the reader was last told. What it shows may be replaced: load all anew; reading goes on from here.</summary>
    Serving,

    /// <summary>Nothing to tell for a while.</summary>
    Heartbeat,
}
