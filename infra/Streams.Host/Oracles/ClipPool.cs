using Streams.Processors.Captioning.Cameras;
using Streams.Schemas.Envelope;
using Streams.Schemas.Frames;
using Streams.Schemas.Processing;

namespace Streams.Host.Oracles;

/// <summary>
/// The clips that the records of one camera make, by where they lie: a few dozen bytes a clip and no pixel. It is the pool of a labelling task, clip i being sample i.
/// </summary>
internal sealed class ClipPool
{
    private readonly ClipGrouping<FramePlace> _grouping;
    private readonly List<PooledClip> _clips = [];

    public ClipPool(CaptioningOptions options) => _grouping = new ClipGrouping<FramePlace>(options);

    /// <summary>In the order in which the pipeline captions them.</summary>
    public IReadOnlyList<PooledClip> Clips => _clips;

    /// <summary>Takes the camera's next record.</summary>
    public void Add(InputRecord record)
    {
        if (record.EventType == EventTypes.VideoEnd)
        {
            Take(record.Offset, _grouping.End());
            return;
        }

        var frames = RgbFrameCodec.Decode(record.Payload);
        for (var frame = 0; frame < frames.Count; frame++)
        {
            Take(record.Offset, _grouping.Add(new FramePlace(record.Offset, frame, frames[frame].CaptureTime)));
        }
    }

    private void Take(long offset, IReadOnlyList<FramePlace>? frames)
    {
        if (frames is not null)
        {
            // As the pipeline numbers the results of a record.
            var n = _clips.Count > 0 && _clips[^1].ResultOffset == offset ? _clips[^1].ResultNumber + 1 : 0;
            _clips.Add(new PooledClip([.. frames], offset, n));
        }
    }
}

/// <summary>Where a frame lies.</summary>
/// <param name="Offset">Offset of its record.</param>
/// <param name="Frame">Its number in the record, from 0.</param>
/// <param name="Time">When it was taken.</param>
internal readonly record struct FramePlace(long Offset, int Frame, DateTimeOffset Time);

/// <summary>Where a clip lies.</summary>
/// <param name="Frames">Its frames in order.</param>
/// <param name="ResultOffset">Offset of the record that completed it, which the id of its caption has.</param>
/// <param name="ResultNumber">Which of that record's clips it is, from 0; the caption's id has that, too.</param>
internal sealed record PooledClip(FramePlace[] Frames, long ResultOffset, int ResultNumber);
