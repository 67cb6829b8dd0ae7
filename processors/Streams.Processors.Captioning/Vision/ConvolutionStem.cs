using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Cpu;
using Streams.Processors.Captioning.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Vision;

/// <summary>3x3 convolutions of stride 2 in place of one linear patch embedding: steadier to train when images are tiny.</summary>
internal sealed class ConvolutionStem : Module<Tensor, Tensor>
{
    private const int Block = 16;
    private readonly List<Conv2d> _layers = [];

    public ConvolutionStem(VisionConfig config, LayerFactory layers)
        : base(nameof(ConvolutionStem))
    {
        int[] channels = [config.NumChannels, .. config.StemChannels, config.HiddenSize];
        if (1 << (channels.Length - 1) != config.PatchSize)
        {
            throw new ModelConfigException(
                "vision_config.stem_channels",
                $"{config.StemChannels.Count} entries give a patch of {1 << (channels.Length - 1)} pixels, patch_size is {config.PatchSize}; make them equal");
        }

        for (var i = 1; i < channels.Length; i++)
        {
            var layer = layers.Conv2d(channels[i - 1], channels[i], 3, stride: 2, padding: 1);
            register_module($"{i - 1}", layer);
            _layers.Add(layer);
        }
    }

    public override Tensor forward(Tensor pixels)
    {
        if (StridedConvolutions.TryApply(pixels, [.. _layers.Select(layer => ((Tensor)layer.weight!, (Tensor)layer.bias!))]) is { } found)
        {
            return found;
        }

        var features = _layers[0].forward(pixels);
        foreach (var layer in _layers.Skip(1))
        {
            features = Apply(layer, functional.silu(features, features.MayBeOverwritten()));
        }

        return features;
    }

    // On a CPU oneDNN (libtorch 2.10, AVX-512) takes channels by 16, and what memory holds behind the last one it multiplies with zeros: where that is not a number,
    // nor is the result. So they are filled up here.
    private static Tensor Apply(Conv2d layer, Tensor features)
    {
        var missing = -features.size(1) & (Block - 1);
        if (missing == 0 || features.device_type != DeviceType.CPU)
        {
            return layer.forward(features);
        }

        long[] padding = [0, 0, 0, 0, 0, missing];
        return functional.conv2d(functional.pad(features, padding), functional.pad(layer.weight!, padding), layer.bias, strides: [2, 2], padding: [1, 1]);
    }
}
