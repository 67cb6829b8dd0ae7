namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>What becomes of a row that comes after the watermark has passed it.</summary>
public enum LatePolicy
{
    /// <summary>It is left out and counted.</summary>
    Drop,

    /// <summary>For as long again as the allowed lateness it is put in its place, and what was given out since is given out anew as a higher version where it changes. Then it is dropped.</summary>
    Correct,
}
