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
        var flat = features.reshape(-1, features.shape[2]);
        var shapes = tensor(labels.Shapes, device: flat.device);
        var covered = shapes > Scalars.Zero;
        var shapeScores = _shape.forward(flat);
        Tensor Loss(Linear head, long[] truth) => functional.cross_entropy(head.forward(flat), tensor(truth, device: flat.device), ignore_index: PatchLabels.Ignored, reduction: Reduction.Sum)
            / Scalars.Of(Math.Max(1, truth.Count(label => label != PatchLabels.Ignored)));
        var off = (_centre.forward(flat) - tensor(labels.Centres, device: flat.device).view(-1, 2)).abs().sum(1);
        var loss = functional.cross_entropy(shapeScores, shapes)
            .Plus(Loss(_colour, labels.Colours).Plus(Loss(_size, labels.Sizes)).Plus(Loss(_count, labels.Counts)).Plus(Loss(_word, labels.Words)) * ObjectWeight)
            .Plus(Loss(_background, labels.Backgrounds) * BackgroundWeight)
            .Plus((off * covered).mean() * CentreWeight);
        var right = ((shapeScores.argmax(1) == shapes) & covered).sum().to(ScalarType.Float32) / covered.sum().clamp_min(Scalars.One);
        return (loss, right.detach());
    }

    /// <summary>Loss of saying, for each colour, whether it is there and how it moves.</summary>
    public Tensor Motions(Tensor state, IReadOnlyList<ClipScene> scenes, IReadOnlyList<bool> hasColours)
    {
        var labels = new long[scenes.Count * Colours];
        for (var i = 0; i < scenes.Count; i++)
        {
            if (!hasColours[i])
            {
                Array.Fill(labels, PatchLabels.Ignored, i * Colours, Colours);
                continue;
            }

            foreach (var item in scenes[i].Objects.Select(item => item.Description))
            {
                labels[(i * Colours) + (int)item.Colour] = 1 + ((int)item.Motion * 2) + (int)(item.Speed ?? ObjectSpeed.Slow);
            }
        }

        return functional.cross_entropy(_motion.forward(state).view(-1, MotionClasses), tensor(labels, device: state.device), ignore_index: PatchLabels.Ignored);
    }
}
