using Streams.Processors.Captioning.Clips;

namespace Streams.Processors.Captioning.Evaluation;

/// <summary>Scores any captioner on scenes of unseen seeds.</summary>
public static class CaptionerEvaluator
{
    /// <summary>Seed of the scenes unless another is given; training seeds are 32-bit, so none can meet it.</summary>
    public const ulong Seed = 0x5EED_0000_0000_0001;

    private const int Batch = 64;

    /// <summary>Sets of clips: unseen seeds, held-out combinations, and one frame repeated.</summary>
    public const int Sets = 3;

    /// <summary>Captions <paramref name="clips"/> scenes of each set; <paramref name="progress"/> gets the clips done.</summary>
    /// <param name="captioner">What is measured.</param>
    /// <param name="clips">Clips of each set.</param>
    /// <param name="size">Pixels a side of the pictures.</param>
    /// <param name="codec">What the pictures go through before they are seen; null for nothing.</param>
    /// <param name="quality">Constant rate factor of the codec.</param>
    /// <param name="seed">Seed of the scenes.</param>
    /// <param name="progress">Gets the clips done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<CaptionerMetrics> EvaluateAsync(
        ICaptioner captioner,
        int clips = 256,
        int size = 48,
        IClipCodec? codec = null,
        int quality = 23,
        ulong seed = Seed,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var done = 0;
        async Task<CaptionSetMetrics> RunSetAsync(ClipSplit split, bool oneFrame)
        {
            var summary = new ScoreSummary();
            foreach (var indices in Enumerable.Range(0, clips).Chunk(Batch))
            {
                var scenes = indices.Select(index => ClipScenes.Create(seed, index, split)).ToList();
                var films = ClipFilm.Take(scenes, size, oneFrame, codec, quality, cancellationToken);
                var captions = await Task.WhenAll(films.Select(film => captioner.CaptionAsync(film, cancellationToken).AsTask()));
                for (var i = 0; i < scenes.Count; i++)
                {
                    summary.Add(scenes[i].Caption, captions[i]);
                }

                progress?.Report(done += scenes.Count);
            }

            return summary.ToMetrics();
        }

        return new CaptionerMetrics(
            await RunSetAsync(ClipSplit.Training, oneFrame: false),
            await RunSetAsync(ClipSplit.HeldOut, oneFrame: false),
            await RunSetAsync(ClipSplit.Training, oneFrame: true));
    }
}
