namespace Streams.Processors.Captioning.Pipeline;

/// <summary>The device asked for is not there. The message says what to do.</summary>
public sealed class DeviceNotAvailableException(string message) : Exception(message);
