using System.Diagnostics;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Serving;
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
        var gate = new SceneGate(_state.Scene, options, captioner.ModelName, frames => captioner.EmbedAsync(camera, frames, cancellationToken).AsTask());
        var clips = new List<(InputRecord Record, Clip Clip, Task<GeneratedCaption> Caption, bool Unchanged)>();
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

            foreach (var clip in cut)
            {
                if (await gate.FindAsync(clip.Frames) is { } known)
                {
                    // Of a half that shows nothing new there is nothing to say early.
                    if (!clip.Provisional)
                    {
                        ServingMetrics.Skipped();
                        clips.Add((record, clip, known.Caption, true));
                    }

                    continue;
                }

                // All clips of the batch are asked for before the first answer is awaited: they share forward passes.
                var caption = captioner.CaptionAsync(camera, [.. clip.Frames.Select(frame => frame.Input)], cancellationToken).AsTask();
                clips.Add((record, clip, caption, false));
                if (!clip.Provisional)
                {
                    gate.Captioned(clip.Frames, caption);
                }
            }
        }

        await Task.WhenAll(clips.Select(clip => clip.Caption));
        await (gate.Reference?.Embeddings ?? Task.FromResult<FrameEmbeddings?>(null)); // the state will want it
        var results = new List<ResultDraft>(clips.Count);
        foreach (var (record, clip, caption, unchanged) in clips)
        {
            results.Add(ToResult(record, clip, await caption, unchanged));
        }

        // Only now: a call that failed or was cancelled leaves the state as it was.
        _state = cutter.State(gate.Reference);
        return new ProcessorOutput(results, rejections);
    }

    /// <inheritdoc/>
    public byte[] SaveState() => _state.Save(options);

    private static List<Clip> Cut(ClipCutter cutter, InputRecord record) => record.EventType switch
    {
        EventTypes.VideoFrame => Take(cutter, record),
        EventTypes.VideoEnd => cutter.End(),
        _ => throw new RecordFormatException("type", $"\"{record.EventType}\" is not of {Topics.VideoFrames}; give {EventTypes.VideoFrame} or {EventTypes.VideoEnd}"),
    };

    private static List<Clip> Take(ClipCutter cutter, InputRecord record)
    {
        var began = Stopwatch.GetTimestamp();
        var clips = cutter.Add(RgbFrameCodec.Decode(record.Payload));
        ServingMetrics.Prepared("frames", began);
        return clips;
    }

    private ResultDraft ToResult(InputRecord record, Clip clip, GeneratedCaption caption, bool unchanged)
    {
        var (start, end) = (clip.Frames[0].Input.CaptureTime, clip.Frames[^1].Input.CaptureTime);
        var thumbnail = clip.Frames[clip.Frames.Count / 2].Thumbnail(options.ThumbnailQuality);
        var data = new Caption(camera, caption.Text, start, end, clip.Frames.Count, caption.Confidence, caption.Model, thumbnail)
        {
            Clip = options.Provisional ? clip.Number : null,
            Provisional = clip.Provisional ? true : null,
            Unchanged = unchanged ? true : null,
        };
        return new ResultDraft(record.Partition, record.Offset, Topics.VideoCaptions, EventTypes.VideoCaption, end, ResultJson.Serialize(data));
    }
}
