using System.Diagnostics;
using Streams.Grains.Processing;

namespace Streams.Grains;

/// <summary>All spans of the grains.</summary>
internal static class GrainActivities
{
    private static readonly ActivitySource Source = new("Streams.Grains");

    /// <summary>A batch is applied: around its processor and the write of its state. The caller's span comes with the batch, for calls between silos.</summary>
    public static Activity? StartApply(StreamKey key, RecordBatch batch)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        ActivityContext.TryParse(batch.TraceParent, null, isRemote: true, out var parent);
        return Source.StartActivity(
            ActivityKind.Internal,
            parent,
            [
                new("streams.run", key.Run),
                new("streams.key", key.Key),
                new("messaging.destination.name", key.Topic),
                new("messaging.destination.partition.id", batch.Partition),
                new("messaging.batch.message_count", batch.Records.Length)
            ],
            name: $"apply {key.Topic}");
    }

    /// <summary>A batch of many keys is applied.</summary>
    public static Activity? StartApply(string run, string topic, PartitionBatch batch)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        ActivityContext.TryParse(batch.TraceParent, null, isRemote: true, out var parent);
        return Source.StartActivity(
            ActivityKind.Internal,
            parent,
            [
                new("streams.run", run),
                new("streams.keys", batch.Keys.Length),
                new("messaging.destination.name", topic),
                new("messaging.destination.partition.id", batch.Partition),
                new("messaging.batch.message_count", batch.Keys.Sum(key => key.Records.Length))
            ],
            name: $"apply {topic}");
    }

    /// <summary>The processor computes.</summary>
    public static Activity? StartCompute(string topic) => Source.StartActivity($"compute {topic}");

    /// <summary>State, results and offsets are written.</summary>
    public static Activity? StartWrite(string topic) => Source.StartActivity($"write state of {topic}", ActivityKind.Client);
}
