namespace Streams.DevBroker.Security;

/// <summary>A client is refused; the message goes to it and holds no secret.</summary>
internal sealed class SaslException(string message) : Exception(message);
