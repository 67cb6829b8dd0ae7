using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Training;

/// <summary>
/// Read-outs that exist in training only. Patch labels stand in for CLIP's pre-training: from captions alone an encoder this small
/// takes ten times as long to tell shapes apart. Motions asked of the decoder's state before the first word give time a short path.
/// </summary>
internal sealed class AuxiliaryHeads : Module
{
    // What is asked of covered patches only, a fifth of all, beside what is asked of all.
    private static readonly Scalar ObjectWeight = Scalars.Of(0.3);
    private static readonly Scalar BackgroundWeight = Scalars.Of(0.3);
    private static readonly Scalar CentreWeight = Scalars.Of(0.5);

    private static readonly int ShapeClasses = 1 + (int)PatchLabels.SignShape;
    private static readonly int SizeClasses = Enum.GetValues<ObjectSize>().Length;
    private static readonly int WordClasses = Enum.GetValues<SignWord>().Length;
    private static readonly int BackgroundClasses = Enum.GetValues<SceneBackground>().Length;
    private static readonly int Colours = Enum.GetValues<ObjectColour>().Length;
    private static readonly int MotionClasses = 1 + (Enum.GetValues<ObjectMotion>().Length * Enum.GetValues<ObjectSpeed>().Length);
    private readonly Linear _shape;
    private readonly Linear _colour;
    private readonly Linear _size;
    private readonly Linear _count;
    private readonly Linear _word;
    private readonly Linear _background;
    private readonly Linear _centre;
    private readonly Linear _motion;

    public AuxiliaryHeads(CaptionerConfig config)
        : base(nameof(AuxiliaryHeads))
    {
        var (vision, text) = (config.VisionConfig.HiddenSize, config.TextConfig.HiddenSize);
        register_module("shape", _shape = Linear(vision, ShapeClasses));
        register_module("colour", _colour = Linear(vision, Colours));
        register_module("size", _size = Linear(vision, SizeClasses));
        register_module("count", _count = Linear(vision, ObjectDescription.MaxCount));
        register_module("word", _word = Linear(vision, WordClasses));
        register_module("background", _background = Linear(vision, BackgroundClasses));
        register_module("centre", _centre = Linear(vision, 2));
        register_module("motion", _motion = Linear(text, Colours * MotionClasses));
    }

    /// <summary>Loss of the patch labels, and the share of covered patches whose shape is right.</summary>
    public (Tensor Loss, Tensor ShapeAccuracy) Patches(Tensor features, PatchLabels labels)
    {
        var flat = features.reshape(-1, features.size(2));
        var shapes = tensor(labels.Shapes, device: flat.device);
        var covered = shapes > Scalars.Zero;
        var barred = BarredByPatch(labels);
        var shapeScores = _shape.forward(flat).Plus(tensor(barred.Shapes, device: flat.device).view(-1, ShapeClasses));
        Tensor Loss(Linear head, long[] truth, float[]? barred = null) => functional.cross_entropy(
                barred is null ? head.forward(flat) : head.forward(flat).Plus(tensor(barred, device: flat.device).view(truth.Length, -1)),
                tensor(truth, device: flat.device), ignore_index: PatchLabels.Ignored, reduction: Reduction.Sum)
            / Scalars.Of(Math.Max(1, truth.Count(label => label != PatchLabels.Ignored)));
        var off = (_centre.forward(flat) - tensor(labels.Centres, device: flat.device).view(-1, 2)).abs().sum(1);
        var loss = functional.cross_entropy(shapeScores, shapes)
            .Plus(Loss(_colour, labels.Colours, barred.Colours).Plus(Loss(_size, labels.Sizes)).Plus(Loss(_count, labels.Counts, barred.Counts)).Plus(Loss(_word, labels.Words)) * ObjectWeight)
            .Plus(Loss(_background, labels.Backgrounds) * BackgroundWeight)
            .Plus((off * covered).mean() * CentreWeight);
        var right = ((shapeScores.argmax(1) == shapes) & covered).sum().to(ScalarType.Float32) / covered.sum().clamp_min(Scalars.One);
        return (loss, right.detach());
    }

    /// <summary>Loss of saying, for each colour, whether it is there and how it moves.</summary>
    public Tensor Motions(Tensor state, IReadOnlyList<ClipScene> scenes, IReadOnlyList<bool> hasColours)
    {
        var labels = new long[scenes.Count * Colours];
        var barred = new float[labels.Length * MotionClasses];
        for (var i = 0; i < scenes.Count; i++)
        {
            if (!hasColours[i])
            {
                Array.Fill(labels, PatchLabels.Ignored, i * Colours, Colours);
                continue;
            }

            foreach (var (item, isNamed) in scenes[i].Objects.Select(item => (item.Description, item.Outline is null)))
            {
                var at = (i * Colours) + (int)item.Colour;
                labels[at] = 1 + ((int)item.Motion * 2) + (int)(item.Speed ?? ObjectSpeed.Slow);
                foreach (var motion in Enum.GetValues<ObjectMotion>().Where(motion => isNamed && HeldOutCombinations.Contains(item.Shape, motion)))
                {
                    barred.AsSpan((at * MotionClasses) + 1 + ((int)motion * 2), 2).Fill(CaptionLoss.Barred);
                }
            }
        }

        return functional.cross_entropy(_motion.forward(state).view(-1, MotionClasses).Plus(tensor(barred, device: state.device).view(-1, MotionClasses)), tensor(labels, device: state.device), ignore_index: PatchLabels.Ignored);
    }

    // What a patch is never asked to tell its object from, for training leaves the combination out: see CaptionLoss.
    private static (float[] Shapes, float[] Colours, float[] Counts) BarredByPatch(PatchLabels labels)
    {
        var patches = labels.Shapes.Length;
        var (shapes, colours, counts) = (new float[patches * ShapeClasses], new float[patches * Colours], new float[patches * ObjectDescription.MaxCount]);
        for (var patch = 0; patch < patches; patch++)
        {
            if (labels.Shapes[patch] <= 0 || labels.Shapes[patch] == PatchLabels.SignShape)
            {
                continue;
            }

            var (shape, colour, count) = ((ObjectShape)(labels.Shapes[patch] - 1), labels.Colours[patch], (int)labels.Counts[patch] + 1);
            foreach (var other in Enum.GetValues<ObjectShape>())
            {
                if (HeldOutCombinations.Contains(other, count) || (colour >= 0 && HeldOutCombinations.Contains(other, (ObjectColour)colour)))
                {
                    shapes[(patch * ShapeClasses) + 1 + (int)other] = CaptionLoss.Barred;
                }
            }

            foreach (var other in HeldOutCombinations.ColoursOf(shape))
            {
                colours[(patch * Colours) + (int)other] = CaptionLoss.Barred;
            }

            for (var other = 1; other <= ObjectDescription.MaxCount; other++)
            {
                counts[(patch * ObjectDescription.MaxCount) + other - 1] = HeldOutCombinations.Contains(shape, other) ? CaptionLoss.Barred : 0;
            }
        }

        return (shapes, colours, counts);
    }
}
