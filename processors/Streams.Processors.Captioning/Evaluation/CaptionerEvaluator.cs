using Streams.Processors.Captioning.Clips;

namespace Streams.Processors.Captioning.Evaluation;

/// <summary>Scores any captioner on scenes of unseen seeds.</summary>
public static class CaptionerEvaluator
{
    /// <summary>
    /// Captions <paramref name="clips"/> scenes of each set, rendered at <paramref name="size"/> pixels a side;
    /// <paramref name="progress"/> gets the clips done.
    /// </summary>
    public static async Task<CaptionerMetrics> EvaluateAsync(
        ICaptioner captioner, int clips = 256, int size = 48, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        var done = 0;
        async Task<CaptionSetMetrics> RunSetAsync(ClipSplit split, bool oneFrame)
        {
            var summary = new ScoreSummary();
            foreach (var indices in Enumerable.Range(0, clips).Chunk(ClipEvaluation.Batch))
            {
                var scenes = indices.Select(index => ClipScenes.Create(ClipEvaluation.Seed, index, split)).ToList();
                var captions = await Task.WhenAll(scenes.Select(scene => captioner.CaptionAsync(
                    [.. Enumerable.Range(0, ClipScene.Ticks).Select(tick => SceneRenderer.RenderFrame(scene, oneFrame ? 0 : tick, size))], cancellationToken).AsTask()));
                for (var i = 0; i < scenes.Count; i++)
                {
                    summary.Add(scenes[i].Caption, captions[i]);
                }

                progress?.Report(done += scenes.Count);
            }

            return summary.ToMetrics(ClipEvaluation.Digits);
        }

        return new CaptionerMetrics(
            await RunSetAsync(ClipSplit.Training, oneFrame: false),
            await RunSetAsync(ClipSplit.HeldOut, oneFrame: false),
            await RunSetAsync(ClipSplit.Training, oneFrame: true));
    }
}
