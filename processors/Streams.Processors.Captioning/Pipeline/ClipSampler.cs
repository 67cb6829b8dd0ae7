using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>Brings a clip to the number and size of frames that a model looks at.</summary>
internal static class ClipSampler
{
    /// <summary>RGB bytes of <paramref name="frames"/> frames: the last one repeated when there are too few, evenly chosen when too many.</summary>
    public static byte[] ToModelInput(IReadOnlyList<RgbFrame> clip, int frames, int size)
    {
        var bytes = size * size * 3;
        var pixels = new byte[frames * bytes];
        for (var i = 0; i < frames; i++)
        {
            var source = clip.Count > frames ? (int)((long)i * clip.Count / frames) : Math.Min(i, clip.Count - 1);
            AreaScaler.Scale(clip[source], size, size).Pixels.Span.CopyTo(pixels.AsSpan(i * bytes));
        }

        return pixels;
    }
}
