namespace Streams.Ingest;

/// <summary>
/// A processor threw on records that it should have taken or refused. It may succeed when repeated; when it does not, the record at fault is
/// dead-lettered so that its key goes on.
/// </summary>
/// <param name="exceptionType">Name of the type that was thrown.</param>
/// <param name="message">What it said.</param>
public sealed class ProcessingFailedException(string exceptionType, string message) : Exception(message)
{
    /// <summary>Name of the type that the processor threw.</summary>
    public string ExceptionType => exceptionType;
}
