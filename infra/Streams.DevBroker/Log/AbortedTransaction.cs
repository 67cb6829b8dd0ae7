namespace Streams.DevBroker.Log;

/// <summary>A transaction that ended in an abort: whose, its first record here, its marker, the last stable offset behind it.</summary>
internal readonly record struct AbortedTransaction(long ProducerId, long FirstOffset, long MarkerOffset, long LastStableOffset);
