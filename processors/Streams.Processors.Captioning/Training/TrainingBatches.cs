using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Evaluation;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Processors.Captioning.Training;

/// <summary>Draws the pictures that a model learns from.</summary>
/// <param name="seed">Seed of the scenes.</param>
/// <param name="size">Pixels a side that the model reads.</param>
/// <param name="grid">Patches a side.</param>
/// <param name="recoloured">Share of the scenes whose objects get a colour without a name, where they can.</param>
/// <param name="reshaped">Share of the scenes whose objects get an outline without a name, where they can.</param>
/// <param name="codec">What filmed clips go through.</param>
internal sealed class TrainingBatches(ulong seed, int size, int grid, double recoloured, double reshaped, IClipCodec codec)
{
    /// <summary>Batches that are made at once, so that the codec starts once for several.</summary>
    public const int Chunk = 16;

    // Every so many batches of clips, one is filmed at twice the size, encoded and decoded; the others only look as if.
    private const int FilmedEvery = 8;
    private const int BestQuality = 18;
    private const int Qualities = 13;

    // Of single pictures, so many lose their colours: a shape must be told without them.
    private const double GrayShare = 0.25;

    // Seeds of what else is drawn of a scene.
    private const ulong RecolouringSeed = 0xC0_10_12;
    private const ulong ReshapingSeed = 0x5_4A_9E;

    /// <summary>Single pictures, captioned by what is where.</summary>
    public TrainingBatch Images(long first, int count, bool loseColours) => Draw(first, count, 1, size, loseColours).Batch;

    /// <summary>
    /// Batches <paramref name="numbers"/> of clips of <see cref="ClipScene.Ticks"/> pictures, captioned by what happens; all numbers are of
    /// one chunk.
    /// </summary>
    public IReadOnlyList<TrainingBatch> Clips(long firstScene, IReadOnlyList<int> numbers, int count, CancellationToken cancellationToken)
    {
        var batches = numbers.Select(number => Draw(firstScene + ((long)number * count), count, ClipScene.Ticks, IsFilmed(number) ? 2 * size : size, loseColours: false)).ToList();
        var filmed = Enumerable.Range(0, numbers.Count).Where(i => IsFilmed(numbers[i])).ToList();
        if (filmed.Count > 0)
        {
            var pictures = filmed.SelectMany(i => batches[i].Pixels).ToArray();
            var quality = BestQuality + new SceneRandom(seed, numbers[filmed[0]]).Below(Qualities);
            var seen = codec.RoundTrip(pictures, 2 * size, ClipScene.Ticks, quality, cancellationToken);
            var bytes = seen.Length / filmed.Count;
            for (var i = 0; i < filmed.Count; i++)
            {
                var small = Halve(seen.AsMemory(i * bytes, bytes));
                batches[filmed[i]] = (batches[filmed[i]].Batch with { Pixels = small }, small);
            }
        }

        return [.. batches.Select(batch => batch.Batch)];
    }

    private static bool IsFilmed(int number) => number % FilmedEvery == 0;

    private (TrainingBatch Batch, byte[] Pixels) Draw(long first, int count, int frames, int side, bool loseColours)
    {
        var pictureBytes = side * side * 3;
        var pixels = new byte[count * frames * pictureBytes];
        var (still, stillOwners, owners) = (new byte[pictureBytes], new byte[side * side], new byte[side * side]);
        var labels = new PatchLabels(count * frames, grid);
        var (scenes, captions, hasColours) = (new ClipScene[count], new string[count], new bool[count]);
        for (var i = 0; i < count; i++)
        {
            var scene = ClipScenes.Create(seed, first + i);
            var random = new SceneRandom(~seed, first + i);
            var camera = new CameraEffects(ref random, side);
            var gray = loseColours && random.Chance(GrayShare);

            // Where between two ticks the camera looks: no two cameras sample in step with the scene.
            var start = frames > 1 ? random.Between(0, 0.6) : random.Between(0, ClipScene.Ticks - 0.01);
            var (reshaping, recolouring) = (new SceneRandom(seed ^ ReshapingSeed, first + i), new SceneRandom(seed ^ RecolouringSeed, first + i));
            var nameless = reshaping.Chance(reshaped) ? Reshaping.Reshape(scene, reshaping) : null;
            scene = nameless ?? scene;
            var caption = frames > 1 ? scene.Caption : CaptionGrammar.FormatGrounded(scene, start);
            var colourless = nameless is null && recolouring.Chance(recoloured) ? Recolouring.Recolour(scene, recolouring) : null;
            captions[i] = nameless is not null ? CaptionGrammar.HideShape(caption, scene.Objects[0].Description.Shape)
                : colourless is not null ? CaptionGrammar.HideColour(caption, scene.Objects[0].Description.Colour)
                : caption;
            hasColours[i] = colourless is null;
            scene = scenes[i] = colourless ?? scene;

            SceneRenderer.RenderStill(scene, side, still, stillOwners);
            for (var frame = 0; frame < frames; frame++)
            {
                var picture = (i * frames) + frame;
                var target = pixels.AsSpan(picture * pictureBytes, pictureBytes);
                still.CopyTo(target);
                stillOwners.CopyTo(owners, 0);
                SceneRenderer.RenderObjects(scene, start + frame, side, target, owners);
                if (gray)
                {
                    Gray(target);
                }

                camera.Apply(ref random, side, target);
                labels.Add(picture, scene, start + frame, side, owners, hasColour: hasColours[i] && !gray);
            }
        }

        return (new TrainingBatch(pixels, frames, captions, scenes, hasColours, labels), pixels);
    }

    private static void Gray(Span<byte> pixels)
    {
        for (var i = 0; i < pixels.Length; i += 3)
        {
            pixels[i..(i + 3)].Fill((byte)((0.299 * pixels[i]) + (0.587 * pixels[i + 1]) + (0.114 * pixels[i + 2])));
        }
    }

    private byte[] Halve(ReadOnlyMemory<byte> pictures)
    {
        var (large, small) = (4 * size * size * 3, size * size * 3);
        var result = new byte[pictures.Length / 4];
        for (var i = 0; i < pictures.Length / large; i++)
        {
            var frame = new RgbFrame(default, 2 * size, 2 * size, pictures.Slice(i * large, large));
            AreaScaler.Scale(frame, size, size).Pixels.Span.CopyTo(result.AsSpan(i * small));
        }

        return result;
    }
}
