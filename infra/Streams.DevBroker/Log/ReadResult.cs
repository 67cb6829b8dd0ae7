using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Log;

/// <summary>
/// What a fetch may send for one partition; no slice when there is nothing (that fits). The aborted transactions within the
/// slice are told to those who read committed records only.
/// </summary>
internal readonly record struct ReadResult(
    ErrorCode Error, long HighWatermark, long LastStableOffset, long LogStart, FileSlice? Slice, IReadOnlyList<AbortedTransaction>? Aborted = null)
{
    public static ReadResult Failed(ErrorCode error, long highWatermark = -1, long lastStableOffset = -1, long logStart = -1) =>
        new(error, highWatermark, lastStableOffset, logStart, null);
}
