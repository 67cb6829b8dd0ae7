namespace Streams.DevBroker.Protocol;

/// <summary>A frame that does not follow the protocol. It costs the client its connection and nobody else anything.</summary>
internal sealed class MalformedRequestException(string message) : Exception(message);
