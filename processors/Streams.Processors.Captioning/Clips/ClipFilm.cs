using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Clips;

/// <summary>Clips of scenes as a captioner gets them: drawn, or filmed, encoded, decoded and sampled.</summary>
public static class ClipFilm
{
    /// <summary>The pictures of <paramref name="scenes"/>, <see cref="ClipScene.Ticks"/> of each, drawn at <paramref name="size"/> pixels a side.</summary>
    /// <param name="scenes">The scenes.</param>
    /// <param name="size">Pixels a side.</param>
    /// <param name="oneFrame">The first picture for all ticks.</param>
    /// <param name="codec">Null for clean drawings.</param>
    /// <param name="quality">Constant rate factor of the codec.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static IReadOnlyList<IReadOnlyList<RgbFrame>> Take(
        IReadOnlyList<ClipScene> scenes, int size, bool oneFrame = false, IClipCodec? codec = null, int quality = 23, CancellationToken cancellationToken = default)
    {
        var bytes = size * size * 3;
        var pictures = new byte[scenes.Count * ClipScene.Ticks * bytes];
        for (var i = 0; i < scenes.Count * ClipScene.Ticks; i++)
        {
            SceneRenderer.Render(scenes[i / ClipScene.Ticks], oneFrame ? 0 : i % ClipScene.Ticks, size, pictures.AsSpan(i * bytes, bytes), null);
        }

        var seen = codec?.RoundTrip(pictures, size, ClipScene.Ticks, quality, cancellationToken) ?? pictures;
        return [.. Enumerable.Range(0, scenes.Count).Select(clip => Enumerable.Range(clip * ClipScene.Ticks, ClipScene.Ticks)
            .Select(picture => new RgbFrame(default, size, size, seen.AsMemory(picture * bytes, bytes))).ToList())];
    }
}
