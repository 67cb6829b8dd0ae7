using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Cameras;

/// <summary>A clip that is ready to be captioned.</summary>
/// <param name="Frames">Its frames, in order.</param>
/// <param name="Number">Which clip of the camera, from 0.</param>
/// <param name="Provisional">Only its first half is there yet.</param>
internal sealed record Clip(IReadOnlyList<PendingFrame> Frames, long Number, bool Provisional = false);

/// <summary>Turns frames into clips on a copy of the state.</summary>
internal sealed class ClipCutter(ClipState state, CaptioningOptions options)
{
    private readonly ClipGrouping<PendingFrame> _grouping = new(options, state.Frames, state.Fresh);
    private long _framesSeen = state.FramesSeen;
    private long _clipsMade = state.ClipsMade;

    public ClipState State(SceneReference? scene) => new([.. _grouping.Frames], _grouping.Fresh, _framesSeen, _clipsMade, scene);

    /// <summary>Takes a record's frames; gives the clips that they complete, then the half of the next one where it is asked for and came with them.</summary>
    public List<Clip> Add(IReadOnlyList<RgbFrame> frames)
    {
        var clips = new List<Clip>();
        Clip? half = null;
        foreach (var frame in frames)
        {
            _framesSeen++;
            var made = Made(_grouping.Add(PendingFrame.Create(frame, options)));
            clips.AddRange(made);
            if (options.Provisional && _grouping.Half() is { } halfFull)
            {
                half = new Clip(halfFull, _clipsMade, Provisional: true);
            }
        }

        // Where the final one is there already, nobody wants the other. It comes last, so that the numbers of final results do not hang on this option.
        return half is not null && half.Number == _clipsMade ? [.. clips, half] : clips;
    }

    /// <summary>The source has ended: what no clip has had yet becomes a last, shorter one.</summary>
    public List<Clip> End() => Made(_grouping.End());

    private List<Clip> Made(IReadOnlyList<PendingFrame>? frames) => frames is null ? [] : [new Clip(frames, _clipsMade++)];
}
