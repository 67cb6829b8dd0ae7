namespace Streams.Schemas.Processing;

/// <summary>What a processor needs (a device, a model) is not to be had at the moment. Nothing is wrong with the records: they are tried again until it is.</summary>
public sealed class ProcessorUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
