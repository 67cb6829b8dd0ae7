using Streams.Processors.Captioning.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Vision;

/// <summary>Pixels to patch vectors with learned positions.</summary>
internal sealed class VisionEmbeddings : Module<Tensor, Tensor?, Tensor>
{
    private readonly VisionConfig _config;
    private readonly Parameter? _classEmbedding;
    private readonly Module<Tensor, Tensor> _patches;
    private readonly EmbeddingTable _positions;

    public VisionEmbeddings(VisionConfig config, LayerFactory layers)
        : base(nameof(VisionEmbeddings))
    {
        _config = config;
        _patches = config.StemChannels.Count > 0
            ? new ConvolutionStem(config, layers)
            : layers.Conv2d(config.NumChannels, config.HiddenSize, config.PatchSize, stride: config.PatchSize, bias: config.PatchBias);
        _positions = layers.Embedding((config.GridSize * config.GridSize) + (config.UseClassToken ? 1 : 0), config.HiddenSize, 0.1);
        register_module("patch_embedding", _patches);
        register_module("position_embedding", _positions);
        if (config.UseClassToken)
        {
            _classEmbedding = layers.Normal(0.1, config.HiddenSize);
            register_parameter("class_embedding", _classEmbedding);
        }
    }

    /// <summary>
    /// Patch vectors (B, N, C) of pixels (B, 3, H, W), class token first where there is one. <paramref name="patchMask"/> (B, rows,
    /// columns) is true where there is image and not padding.
    /// </summary>
    public override Tensor forward(Tensor pixels, Tensor? patchMask)
    {
        var (tokens, rows, columns) = Patches(pixels);
        if (_classEmbedding is not null)
        {
            tokens = cat([_classEmbedding.expand(tokens.size(0), 1, -1), tokens], 1);
        }

        var trained = rows == _config.GridSize && columns == _config.GridSize;
        return tokens.Plus(_config.FractionalPositions && !(trained && patchMask is null)
            ? _positions.forward(FractionalIds(patchMask ?? ones(tokens.size(0), rows, columns, dtype: ScalarType.Bool, device: pixels.device)))
            : Positions(rows, columns));
    }

    // (B, N, C) and the grid.
    private (Tensor Tokens, long Rows, long Columns) Patches(Tensor pixels)
    {
        var (side, rows, columns) = (_config.PatchSize, pixels.size(2) / _config.PatchSize, pixels.size(3) / _config.PatchSize);
        if (_patches is not Conv2d { weight: { } weight } convolution || pixels.device_type != DeviceType.CUDA)
        {
            var features = _patches.forward(pixels);
            return (features.flatten(2).transpose(1, 2), features.size(2), features.size(3));
        }

        // Patches do not overlap, so they are one product: cuDNN's convolution of so few channels is slower.
        var patches = pixels.narrow(2, 0, rows * side).narrow(3, 0, columns * side).unfold(2, side, side).unfold(3, side, side).permute(0, 2, 3, 1, 4, 5);
        return (nn.functional.linear(patches.reshape(pixels.size(0), rows * columns, -1), weight.flatten(1), convolution.bias), rows, columns);
    }

    /// <summary>Position vectors for a grid of <paramref name="rows"/> x <paramref name="columns"/> patches, interpolated where it is not the trained one.</summary>
    internal Tensor Positions(long rows, long columns)
    {
        var weight = _positions.Weight;
        if (rows == _config.GridSize && columns == _config.GridSize)
        {
            return weight;
        }

        var first = _config.UseClassToken ? 1 : 0;
        var map = weight.narrow(0, first, weight.size(0) - first).t().reshape(1, -1, _config.GridSize, _config.GridSize);
        var resized = functional.interpolate(map, size: [rows, columns], mode: InterpolationMode.Bicubic, align_corners: false);
        var patches = resized.squeeze(0).flatten(1).t();
        return first == 0 ? patches : cat([weight.narrow(0, 0, 1), patches], 0);
    }

    /// <summary>Ids of the position vectors (B, N): that of the trained grid at the same fraction of the image's height and width, 0 for padding.</summary>
    internal Tensor FractionalIds(Tensor patchMask)
    {
        // Images differ in size and patches are few: counted on the CPU.
        var (batch, rows, columns) = (patchMask.size(0), (int)patchMask.size(1), (int)patchMask.size(2));
        var inside = patchMask.to(ScalarType.Bool).cpu().contiguous().data<bool>().ToArray();
        var ids = new long[inside.Length];
        for (var image = 0; image < batch; image++)
        {
            var at = image * rows * columns;
            var heights = Buckets(Enumerable.Range(0, rows).Count(row => inside[at + (row * columns)]));
            var widths = Buckets(Enumerable.Range(0, columns).Count(column => inside[at + column]));
            for (var patch = 0; patch < rows * columns; patch++)
            {
                var (row, column) = (patch / columns, patch % columns);
                ids[at + patch] = inside[at + patch] ? (heights[row] * _config.GridSize) + widths[column] : 0;
            }
        }

        return tensor(ids, device: patchMask.device).view(batch, rows * columns);
    }

    // Where each of `count` evenly spaced fractions of the image lies on the trained grid.
    private long[] Buckets(int count)
    {
        using var scope = NewDisposeScope();
        var edges = arange(Scalars.Of(1.0 / _config.GridSize), Scalars.Of(1.0), Scalars.Of(1.0 / _config.GridSize), dtype: ScalarType.Float32);
        var fractions = arange(Scalars.Zero, Scalars.Of(1 - 1e-6), Scalars.Of(1.0 / count), dtype: ScalarType.Float32);
        return fractions.bucketize(edges, outInt32: false, right: true).data<long>().ToArray();
    }
}
