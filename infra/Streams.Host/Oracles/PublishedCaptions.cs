using Streams.Host.Configuration;
using Streams.Host.Pipeline;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Host.Oracles;

/// <summary>
/// Captions that the live pipeline has already given to clips of a pool. One counts only if it is of the same frames by the same model: where
/// live began earlier than the pool it cut the camera's frames at other places.
/// </summary>
internal sealed class PublishedCaptions(StreamsOptions options, ClipPoolSource source, ClipPool pool) : IDisposable
{
    private readonly TopicReader _topic = new(options, Topics.VideoCaptions, source.Camera);
    private readonly Dictionary<(long Offset, int Number), PooledClip> _clips = pool.Clips.ToDictionary(clip => (clip.ResultOffset, clip.ResultNumber));
    private readonly Dictionary<PooledClip, string> _captions = new(ReferenceEqualityComparer.Instance);

    /// <summary>The caption of <paramref name="clip"/>, if it has been published by now.</summary>
    public string? Find(PooledClip clip, CancellationToken cancellation)
    {
        foreach (var record in _topic.ReadNew(cancellation))
        {
            try
            {
                var result = ResultReader.Read(record).Result;
                if (ResultId.TryParse(result.Id, out var id) && id is { Run: Topics.LiveRun, Topic: Topics.VideoFrames } && id.Partition == source.Partition
                    && _clips.TryGetValue((id.Offset, id.N), out var known) && IsOf(known, ResultJson.Deserialize<Caption>(record.Message.Value), out var text))
                {
                    _captions[known] = text;
                }
            }
            catch (RecordFormatException)
            {
                // Somebody else's record on our topic.
            }
        }

        return _captions.GetValueOrDefault(clip);
    }

    public void Dispose() => _topic.Dispose();

    private bool IsOf(PooledClip clip, Caption caption, out string text)
    {
        text = caption.Text;
        return caption.Model == source.Model && caption.Frames == clip.Frames.Length && caption.Start == clip.Frames[0].Time && caption.End == clip.Frames[^1].Time;
    }
}
