namespace Streams.Host.Cli;

/// <summary>Something the user can mend. Printed as one line, with exit code 1.</summary>
/// <param name="message">What is wrong, with the value at fault.</param>
/// <param name="remedy">What to do about it.</param>
internal sealed class StreamsException(string message, string remedy) : Exception($"{message} — {remedy}");
