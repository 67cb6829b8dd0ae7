using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>Brings a clip to the number and size of frames that a model looks at.</summary>
internal static class ClipSampler
{
    /// <summary>So many frames of that size: the last one repeated when there are too few, evenly chosen when too many.</summary>
    public static IReadOnlyList<RgbFrame> ToModelInput(IReadOnlyList<RgbFrame> clip, int frames, int size)
    {
        var scaled = new Dictionary<int, RgbFrame>();
        return [.. Enumerable.Range(0, frames).Select(i =>
        {
            var source = clip.Count > frames ? (int)((long)i * clip.Count / frames) : Math.Min(i, clip.Count - 1);
            return scaled.TryGetValue(source, out var frame) ? frame : scaled[source] = AreaScaler.Scale(clip[source], size, size);
        })];
    }
}
