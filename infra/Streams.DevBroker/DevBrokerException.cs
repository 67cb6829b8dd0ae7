namespace Streams.DevBroker;

/// <summary>The broker cannot start; the message says why and what to do, in one line.</summary>
public class DevBrokerException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and the remedy.</param>
    /// <param name="inner">The cause, if another exception tells it.</param>
    public DevBrokerException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>A setting is out of range.</summary>
/// <param name="message">The setting, its value, the limit.</param>
public sealed class DevBrokerOptionsException(string message) : DevBrokerException(message);

/// <summary>Another program listens on the port.</summary>
/// <param name="host">The address asked for.</param>
/// <param name="port">The port asked for.</param>
/// <param name="inner">The socket's error.</param>
public sealed class DevBrokerPortInUseException(string host, int port, Exception inner)
    : DevBrokerException($"Port {port} on {host} is in use: stop the program that listens there, or choose another port (0 picks a free one).", inner)
{
    /// <summary>The port that is taken.</summary>
    public int Port { get; } = port;
}

/// <summary>The data folder cannot be used.</summary>
/// <param name="message">The folder, what is wrong with it, the remedy.</param>
/// <param name="inner">The cause.</param>
public sealed class DevBrokerDataDirectoryException(string message, Exception? inner = null) : DevBrokerException(message, inner);
