using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Frames;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>Cuts one camera's frames into clips and has them captioned.</summary>
internal sealed class CaptioningProcessor(string camera, ICaptioner captioner, CaptioningOptions options, ClipState state) : IRecordProcessor
{
    private ClipState _state = state;

    /// <inheritdoc/>
    public async ValueTask<ProcessorOutput> ApplyAsync(IReadOnlyList<InputRecord> records, CancellationToken cancellationToken)
    {
        var cutter = new ClipCutter(_state, options);
        var clips = new List<(InputRecord Record, Clip Clip, Task<GeneratedCaption> Caption)>();
        var rejections = new List<Rejection>();
        foreach (var record in records)
        {
            IEnumerable<Clip> cut;
            try
            {
                cut = Cut(cutter, record);
            }
            catch (RecordFormatException e)
            {
                rejections.Add(new Rejection(record.Partition, record.Offset, e.Message));
                continue;
            }

            // All clips of the batch are asked for before the first answer is awaited: they share forward passes.
            clips.AddRange(cut.Select(clip => (record, clip, captioner.CaptionAsync([.. clip.Frames.Select(frame => frame.Input)], cancellationToken).AsTask())));
        }

        await Task.WhenAll(clips.Select(clip => clip.Caption));
        var results = new List<ResultDraft>(clips.Count);
        foreach (var (record, clip, caption) in clips)
        {
            results.Add(ToResult(record, clip, await caption));
        }

        // Only now: a call that failed or was cancelled leaves the state as it was.
        _state = cutter.State;
        return new ProcessorOutput(results, rejections);
    }

    /// <inheritdoc/>
    public byte[] SaveState() => _state.Save(options);

    private static List<Clip> Cut(ClipCutter cutter, InputRecord record) => record.EventType switch
    {
        EventTypes.VideoFrame => cutter.Add(RgbFrameCodec.Decode(record.Payload)),
        EventTypes.VideoEnd => cutter.End(),
        _ => throw new RecordFormatException("type", $"\"{record.EventType}\" is not of {Topics.VideoFrames}; give {EventTypes.VideoFrame} or {EventTypes.VideoEnd}"),
    };

    private ResultDraft ToResult(InputRecord record, Clip clip, GeneratedCaption caption)
    {
        var (start, end) = (clip.Frames[0].Input.CaptureTime, clip.Frames[^1].Input.CaptureTime);
        var thumbnail = clip.Frames[clip.Frames.Count / 2].Thumbnail(options.ThumbnailQuality);
        var data = new Caption(camera, caption.Text, start, end, clip.Frames.Count, caption.Confidence, caption.Model, thumbnail);
        return new ResultDraft(record.Partition, record.Offset, Topics.VideoCaptions, EventTypes.VideoCaption, end, ResultJson.Serialize(data));
    }
}
