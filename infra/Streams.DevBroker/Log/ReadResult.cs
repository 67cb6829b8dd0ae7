using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Log;

/// <summary>What a fetch may send for one partition; no slice when there is nothing (that fits).</summary>
internal readonly record struct ReadResult(ErrorCode Error, long HighWatermark, long LogStart, FileSlice? Slice)
{
    public static ReadResult Failed(ErrorCode error, long highWatermark = -1, long logStart = -1) => new(error, highWatermark, logStart, null);
}
