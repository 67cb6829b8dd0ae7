namespace Streams.DevBroker.Log;

/// <summary>A producer of a partition as operators see it; the start is -1 when no transaction of it is open there.</summary>
internal readonly record struct ActiveProducer(long ProducerId, short Epoch, int LastSequence, long LastWriteMs, long TransactionStart);
