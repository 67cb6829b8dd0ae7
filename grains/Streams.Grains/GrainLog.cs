using Microsoft.Extensions.Logging;

namespace Streams.Grains;

/// <summary>Log messages of the grains, event ids 3000-3099.</summary>
internal static partial class GrainLog
{
    [LoggerMessage(3000, LogLevel.Warning, "{Grain}: batch of partition {Partition} from offset {Offset} failed; the grain restarts from its stored record")]
    public static partial void ApplyFailed(this ILogger logger, string grain, int partition, long offset, Exception exception);
}
