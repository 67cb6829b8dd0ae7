using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Evaluation;

namespace Streams.Processors.Captioning.Training;

/// <summary>Pictures with what is where; each a pure function of seed and index.</summary>
/// <param name="Pixels">RGB bytes of all pictures.</param>
/// <param name="Captions">A caption for each picture, or for each clip of pictures.</param>
/// <param name="Scenes">The scene of each caption.</param>
/// <param name="Labels">The patch labels of each picture.</param>
internal sealed record TrainingBatch(byte[] Pixels, IReadOnlyList<string> Captions, IReadOnlyList<ClipScene> Scenes, PatchLabels Labels);

internal sealed class TrainingBatches(ulong seed, int size, int grid, bool effects)
{
    /// <summary>Single pictures, captioned by what is where.</summary>
    public TrainingBatch Images(long first, int count) => Create(first, count, 1);

    /// <summary>Clips of <see cref="ClipScene.Ticks"/> pictures, captioned by what happens.</summary>
    public TrainingBatch Clips(long first, int count) => Create(first, count, ClipScene.Ticks);

    private TrainingBatch Create(long first, int count, int frames)
    {
        var pictureBytes = size * size * 3;
        var pixels = new byte[count * frames * pictureBytes];
        var owners = new byte[size * size];
        var labels = new PatchLabels(count * frames, grid);
        var (scenes, captions) = (new ClipScene[count], new string[count]);
        for (var i = 0; i < count; i++)
        {
            var scene = scenes[i] = ClipScenes.Create(seed, first + i);
            var random = new SceneRandom(~seed, first + i);
            var camera = new CameraEffects(ref random, size);

            // Where between two ticks the camera looks: no two cameras sample in step with the scene.
            var start = frames > 1 ? random.Between(0, 0.6) : random.Between(0, ClipScene.Ticks - 0.01);
            captions[i] = frames > 1 ? scene.Caption : CaptionGrammar.FormatGrounded(scene, start);
            for (var frame = 0; frame < frames; frame++)
            {
                var picture = (i * frames) + frame;
                var target = pixels.AsSpan(picture * pictureBytes, pictureBytes);
                SceneRenderer.Render(scene, start + frame, size, target, owners);
                if (effects)
                {
                    camera.Apply(ref random, size, target);
                }

                labels.Add(picture, scene, start + frame, size, owners);
            }
        }

        return new TrainingBatch(pixels, captions, scenes, labels);
    }
}
