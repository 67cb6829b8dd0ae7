using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>A clip that is ready to be captioned.</summary>
internal sealed record Clip(IReadOnlyList<PendingFrame> Frames);

/// <summary>Turns frames into clips on a copy of the state.</summary>
internal sealed class ClipCutter(ClipState state, CaptioningOptions options)
{
    private readonly ClipGrouping<PendingFrame> _grouping = new(options, state.Frames, state.Fresh);
    private long _framesSeen = state.FramesSeen;
    private long _clipsMade = state.ClipsMade;

    public ClipState State => new([.. _grouping.Frames], _grouping.Fresh, _framesSeen, _clipsMade);

    /// <summary>Takes frames and gives the clips that they complete.</summary>
    public List<Clip> Add(IReadOnlyList<RgbFrame> frames)
    {
        var clips = new List<Clip>();
        foreach (var frame in frames)
        {
            _framesSeen++;
            clips.AddRange(Made(_grouping.Add(PendingFrame.Create(frame, options))));
        }

        return clips;
    }

    /// <summary>The source has ended: what no clip has had yet becomes a last, shorter one.</summary>
    public List<Clip> End() => Made(_grouping.End());

    private List<Clip> Made(IReadOnlyList<PendingFrame>? frames)
    {
        if (frames is null)
        {
            return [];
        }

        _clipsMade++;
        return [new Clip(frames)];
    }
}
