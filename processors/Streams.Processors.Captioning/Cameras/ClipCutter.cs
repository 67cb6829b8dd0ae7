using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>A clip that is ready to be captioned.</summary>
internal sealed record Clip(IReadOnlyList<PendingFrame> Frames);

/// <summary>Turns frames into clips on a copy of the state.</summary>
internal sealed class ClipCutter(ClipState state, CaptioningOptions options)
{
    private readonly List<PendingFrame> _frames = [.. state.Frames];
    private int _fresh = state.Fresh;
    private long _framesSeen = state.FramesSeen;
    private long _clipsMade = state.ClipsMade;

    public ClipState State => new([.. _frames], _fresh, _framesSeen, _clipsMade);

    /// <summary>Takes frames and gives the clips that they complete.</summary>
    public List<Clip> Add(IReadOnlyList<RgbFrame> frames)
    {
        var clips = new List<Clip>();
        foreach (var frame in frames)
        {
            _frames.Add(PendingFrame.Create(frame, options));
            _fresh++;
            _framesSeen++;
            if (_frames.Count == options.ClipFrames)
            {
                clips.Add(Take());
                _frames.RemoveRange(0, options.Hop);
            }
        }

        return clips;
    }

    /// <summary>The source has ended: what no clip has had yet becomes a last, shorter one.</summary>
    public List<Clip> End()
    {
        List<Clip> clips = _fresh > 0 ? [Take()] : [];
        _frames.Clear();
        return clips;
    }

    private Clip Take()
    {
        _fresh = 0;
        _clipsMade++;
        return new Clip([.. _frames]);
    }
}
