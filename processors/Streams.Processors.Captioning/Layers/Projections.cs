using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Layers;

/// <summary>Linear layers as the device likes them.</summary>
internal static class Projections
{
    /// <summary>
    /// A projection of (..., inputs). On a GPU as rows: of more than two dimensions torch's C++ side adds the bias in a pass of its own, which costs as much as
    /// the product.
    /// </summary>
    public static Tensor Project(this Linear layer, Tensor input) => layer.bias is null ? layer.forward(input) : AsRows(input, layer.forward);

    /// <summary>Runs <paramref name="product"/> on the rows of an input, where the device is a GPU.</summary>
    public static Tensor AsRows(Tensor input, Func<Tensor, Tensor> product)
    {
        if (input.device_type != DeviceType.CUDA || input.dim() == 2)
        {
            return product(input);
        }

        var shape = input.shape;
        return product(input.reshape(-1, shape[^1])).view([.. shape[..^1], -1]);
    }
}
