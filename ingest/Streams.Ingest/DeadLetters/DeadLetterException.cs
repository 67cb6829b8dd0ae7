namespace Streams.Ingest.DeadLetters;

/// <summary>Dead letters could not be read, sent again or given up. The message says why and what to do.</summary>
public sealed class DeadLetterException(string message, string remedy, Exception? inner = null) : Exception($"{message} — {remedy}", inner);
