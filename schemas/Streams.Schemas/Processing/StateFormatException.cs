namespace Streams.Schemas.Processing;

/// <summary>Saved state that this version cannot read. The message names the version found and the versions readable.</summary>
public sealed class StateFormatException(string message) : Exception(message);
