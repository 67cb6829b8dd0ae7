namespace Streams.Host.Cli;

/// <summary>Something the user can mend. Printed as one line, with exit code 1.</summary>
/// <param name="message">What is wrong, with the value at fault.</param>
/// <param name="remedy">What to do about it.</param>
internal class StreamsException(string message, string remedy) : Exception($"{message} — {remedy}");

/// <summary>The broker does not answer: nothing is wrong with what was asked for, it may be asked again.</summary>
/// <param name="message">Which broker, and what the client says.</param>
/// <param name="remedy">What to do about it.</param>
internal sealed class BrokerAwayException(string message, string remedy) : StreamsException(message, remedy);
