using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Pipeline;

namespace Streams.Processors.Captioning.Evaluation;

/// <summary>Captions scenes of unseen seeds and scores them.</summary>
internal static class ClipEvaluation
{
    /// <summary>Seed of the scenes; training seeds are 32-bit, so none can meet it.</summary>
    public const ulong Seed = 0x5EED_0000_0000_0001;

    public const int Batch = 16;
    public const int Digits = 4;

    public static CaptionerMetrics Run(CaptionGenerator generator, int size, int clips, CancellationToken cancellationToken) => new(
        RunSet(generator, size, clips, ClipSplit.Training, oneFrame: false, cancellationToken),
        RunSet(generator, size, clips, ClipSplit.HeldOut, oneFrame: false, cancellationToken),
        RunSet(generator, size, clips, ClipSplit.Training, oneFrame: true, cancellationToken));

    public static CaptionSetMetrics RunSet(CaptionGenerator generator, int size, int clips, ClipSplit split, bool oneFrame, CancellationToken cancellationToken)
    {
        var summary = new ScoreSummary();
        for (var first = 0; first < clips; first += Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var scenes = Enumerable.Range(first, Math.Min(Batch, clips - first)).Select(index => ClipScenes.Create(Seed, index, split)).ToList();
            var captions = generator.Generate([.. scenes.Select(scene => Frames(scene, size, oneFrame))]);
            for (var i = 0; i < scenes.Count; i++)
            {
                summary.Add(scenes[i].Caption, captions[i]);
            }
        }

        return summary.ToMetrics(Digits);
    }

    private static byte[] Frames(ClipScene scene, int size, bool oneFrame)
    {
        var frame = size * size * 3;
        var clip = new byte[ClipScene.Ticks * frame];
        for (var tick = 0; tick < ClipScene.Ticks; tick++)
        {
            SceneRenderer.Render(scene, oneFrame ? 0 : tick, size, clip.AsSpan(tick * frame, frame), null);
        }

        return clip;
    }
}
