namespace Streams.Processors.Captioning.Preprocessing;

/// <summary>Which frames of a video a model looks at.</summary>
public static class FrameSampling
{
    /// <summary>
    /// SmolVLM's choice: so many a second as <paramref name="targetFps"/>, at most <paramref name="maxFrames"/>, evenly from the first to the
    /// last, without <paramref name="skipSeconds"/> at either end where the video is long enough.
    /// </summary>
    /// <returns>Indices, ascending, at least one.</returns>
    public static IReadOnlyList<int> Smol(int totalFrames, double framesPerSecond, int maxFrames, double targetFps, double skipSeconds = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalFrames, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(framesPerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrames, 1);
        var wanted = Math.Clamp((int)Math.Round(targetFps * (totalFrames / framesPerSecond)), 1, maxFrames);
        var skipped = skipSeconds > 0 && (totalFrames / framesPerSecond) - (2 * skipSeconds) > maxFrames * targetFps ? skipSeconds * framesPerSecond : 0;
        var (start, end) = ((int)skipped, Math.Min(totalFrames - 1, (int)(totalFrames - skipped)));
        return start < end ? Spread(start, end, wanted) : Spread(0, totalFrames - 1, wanted);
    }

    /// <summary>MM1.5-Video's choice: <paramref name="frames"/> frames evenly from the first to the last; all when there are fewer.</summary>
    public static IReadOnlyList<int> Uniform(int totalFrames, int frames)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalFrames, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        return Spread(0, totalFrames - 1, frames);
    }

    // As numpy's linspace to integers: each point rounded down, the last exact, doubles dropped.
    private static int[] Spread(int first, int last, int count)
    {
        var step = count > 1 ? (double)(last - first) / (count - 1) : 0;
        return [.. Enumerable.Range(0, count).Select(i => i == count - 1 && count > 1 ? last : (int)((i * step) + first)).Distinct()];
    }
}
