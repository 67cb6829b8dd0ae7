namespace Streams.Processors.Captioning.Cameras;

/// <summary>
/// Says which frames of a camera make a clip. The pipeline groups decoded frames by it; who only wants to know where the clips lie groups
/// offsets, and gets the same clips.
/// </summary>
/// <typeparam name="T">What stands for a frame.</typeparam>
public sealed class ClipGrouping<T>
{
    private readonly CaptioningOptions _options;
    private readonly List<T> _frames;

    /// <summary>A camera without frames yet.</summary>
    public ClipGrouping(CaptioningOptions options)
        : this(options, [], 0)
    {
    }

    internal ClipGrouping(CaptioningOptions options, IReadOnlyList<T> frames, int fresh)
    {
        _options = options;
        _frames = [.. frames];
        Fresh = fresh;
    }

    /// <summary>Frames of the clip in the making.</summary>
    internal IReadOnlyList<T> Frames => _frames;

    /// <summary>Of these, the newest ones that were in no clip.</summary>
    internal int Fresh { get; private set; }

    /// <summary>Takes the next frame and gives the clip that it completes, if it does.</summary>
    public IReadOnlyList<T>? Add(T frame)
    {
        _frames.Add(frame);
        Fresh++;
        if (_frames.Count < _options.ClipFrames)
        {
            return null;
        }

        var clip = Take();
        _frames.RemoveRange(0, _options.Hop);
        return clip;
    }

    /// <summary>The clip in the making with the frame that makes it half full; null before and after, and where the clip before it had that half.</summary>
    internal IReadOnlyList<T>? Half() => _frames.Count == (_options.ClipFrames + 1) / 2 && Fresh > 0 ? [.. _frames] : null;

    /// <summary>The source has ended: what no clip has had yet becomes a last, shorter one.</summary>
    public IReadOnlyList<T>? End()
    {
        var clip = Fresh > 0 ? Take() : null;
        _frames.Clear();
        return clip;
    }

    private T[] Take()
    {
        Fresh = 0;
        return [.. _frames];
    }
}
