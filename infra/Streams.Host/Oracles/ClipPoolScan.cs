using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Ingest.Replay;
using Streams.Schemas;

namespace Streams.Host.Oracles;

/// <summary>Finds the clips of a camera. Every record of the camera is decoded once for it, since one that cannot be decoded is in no clip; the model is not asked.</summary>
internal static class ClipPoolScan
{
    /// <summary>The clips between two bounds, frozen now, and the source that finds them again.</summary>
    /// <param name="options">Where the broker is, and how frames become clips.</param>
    /// <param name="camera">The camera.</param>
    /// <param name="attribute">The attribute that is asked for.</param>
    /// <param name="model">Name and version of the captioner.</param>
    /// <param name="from">A time of publication or an offset; null for the oldest record.</param>
    /// <param name="to">The same, exclusive; null for the end of now (last stable offsets).</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StreamsException">The camera has no clip there, or lies in several partitions.</exception>
    public static async Task<(ClipPoolSource Source, ClipPool Pool)> FreezeAsync(
        StreamsOptions options, string camera, CaptionAttribute attribute, string model, string? from, string? to, CancellationToken cancellation)
    {
        (ClipPoolSource Source, ClipPool Pool)? found = null;
        foreach (var range in ReplayPlan.Resolve(options.Kafka, Topics.VideoFrames, from, to).Ranges)
        {
            var source = new ClipPoolSource(
                camera, attribute.Name, model, range.Partition, range.Start, range.End, options.Captioning.ClipFrames, options.Captioning.Hop, options.Captioning.FrameSize);
            var pool = await ReadAsync(options, source, cancellation);
            if (pool.Clips.Count > 0 && found is { } other)
            {
                throw new StreamsException(
                    $"Camera {camera} has clips in the partitions {other.Source.Partition} and {range.Partition} of {Topics.VideoFrames}, so its frames have no order",
                    "publish each camera with its name as the key and one partitioner");
            }

            found = pool.Clips.Count > 0 ? (source, pool) : found;
        }

        return found ?? throw new StreamsException(
            $"Camera {camera} has no clips on {Topics.VideoFrames} from {from ?? "the beginning"} to {to ?? "the end"}",
            $"check its name, or publish frames: `streams publish video --camera {camera} --source FILE` (a clip has {options.Captioning.ClipFrames} frames)");
    }

    /// <summary>The clips of <paramref name="source"/>.</summary>
    public static async Task<ClipPool> ReadAsync(StreamsOptions options, ClipPoolSource source, CancellationToken cancellation)
    {
        using var records = new CameraRecords(options, source.Camera);
        var pool = new ClipPool(source.Captioning());
        await foreach (var record in records.ReadAsync(source.Partition, source.Start, source.End, cancellation))
        {
            pool.Add(record);
        }

        return pool;
    }

    /// <summary>The error for records that are not there any more.</summary>
    public static StreamsException Gone(ClipPoolSource source) => new(
        $"{Topics.VideoFrames}/{source.Partition} no longer has the records {source.Start} to {source.End} that the clips of {source.Camera} were made of",
        "open a task of another name on what is there now, and keep frames longer than tasks run (retention.ms)");
}
