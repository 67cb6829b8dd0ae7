namespace Streams.Dashboard.Live;

/// <summary>A reader of a run's live results fell so far behind that some are no longer in the log.</summary>
public sealed class LiveGapException : Exception
{
    internal LiveGapException(string run)
        : base($"run '{run}': the reader fell behind the live log and results were missed; read the history, then follow again, or raise LiveLogLength")
    {
    }
}
