namespace Streams.DevBroker.Security;

/// <summary>One client's side of an authentication, message by message.</summary>
internal interface ISaslExchange
{
    /// <summary>Who the client is, once it has shown it.</summary>
    string? User { get; }

    /// <summary>Takes a message and gives the answer.</summary>
    /// <exception cref="SaslException">The client is refused.</exception>
    byte[] Next(ReadOnlySpan<byte> message);
}
