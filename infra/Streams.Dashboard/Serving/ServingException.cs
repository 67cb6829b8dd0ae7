namespace Streams.Dashboard.Serving;

/// <summary>What is served cannot be changed in this way; the message says what would do.</summary>
public sealed class ServingException(string message) : Exception(message);
