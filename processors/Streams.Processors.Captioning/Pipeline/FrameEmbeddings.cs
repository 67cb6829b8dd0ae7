namespace Streams.Processors.Captioning.Pipeline;

/// <summary>What a model's encoder and connector make of frames.</summary>
/// <param name="Values">Visual tokens of all frames, one after another.</param>
/// <param name="Width">Values of one token.</param>
/// <param name="Images">Frames that they are of: a model may want a frame more than once.</param>
public sealed record FrameEmbeddings(IReadOnlyList<float> Values, int Width, int Images)
{
    /// <summary>
    /// The least cosine similarity between a token of a frame and the token at its place in <paramref name="scene"/>, which is of one frame: 1 where nothing
    /// has changed. A mean over tokens would not see a small thing move. 0 where they cannot be compared.
    /// </summary>
    public double LeastSimilarity(FrameEmbeddings scene)
    {
        if (scene.Width != Width || scene.Values.Count == 0 || Values.Count == 0 || Values.Count % scene.Values.Count != 0)
        {
            return 0;
        }

        var least = 1.0;
        for (var first = 0; first < Values.Count; first += Width)
        {
            var (product, own, others) = (0.0, 0.0, 0.0);
            for (var i = 0; i < Width; i++)
            {
                double one = Values[first + i], other = scene.Values[(first + i) % scene.Values.Count];
                (product, own, others) = (product + (one * other), own + (one * one), others + (other * other));
            }

            least = Math.Min(least, product / Math.Sqrt(Math.Max(own * others, double.Epsilon)));
        }

        return least;
    }
}
