namespace Streams.Ingest.Sources;

/// <summary>An input cannot be read, or an option is wrong. The message is one line: what, the value found, and the remedy.</summary>
public sealed class SourceException : Exception
{
    /// <summary>Says what is wrong and how to mend it.</summary>
    public SourceException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
