using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Log;

/// <summary>The answer to one appended batch. The timestamp is -1 when the topic keeps the time of the producer.</summary>
internal readonly record struct AppendResult(ErrorCode Error, string? Message, long BaseOffset, long LogAppendTimeMs, long LogStart)
{
    public static AppendResult Failed(ErrorCode error, string? message = null) => new(error, message, -1, -1, -1);
}
