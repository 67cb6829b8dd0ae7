using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Layers;

/// <summary>
/// Makes the layers of a model on one device, in one type. With random weights for training; with memory as it comes where a checkpoint
/// fills it, because drawing the weights of a 7B model takes minutes; or on the meta device, which has shapes and no memory.
/// </summary>
/// <param name="Device">Where the weights lie.</param>
/// <param name="Type">Their type.</param>
/// <param name="Initialize">Draw random weights.</param>
internal sealed record LayerFactory(Device Device, ScalarType Type, bool Initialize)
{
    /// <summary>Random weights on the CPU.</summary>
    public static LayerFactory ForTraining { get; } = new(CPU, ScalarType.Float32, Initialize: true);

    /// <summary>Shapes without memory.</summary>
    public static LayerFactory Meta { get; } = new(META, ScalarType.BFloat16, Initialize: false);

    /// <summary>Weights that a checkpoint is read into.</summary>
    public static LayerFactory ForLoading(Device device, ScalarType type) => new(device, type, Initialize: false);

    public Linear Linear(long inputs, long outputs, bool bias = true) => Initialize
        ? nn.Linear(inputs, outputs, bias, Device, Type)
        : nn.Linear(Empty(outputs, inputs), bias ? Empty(outputs) : null);

    public Conv2d Conv2d(long inputs, long outputs, long kernel, long stride = 1, long padding = 0, long groups = 1, bool bias = true)
    {
        if (Initialize)
        {
            return nn.Conv2d(inputs, outputs, kernel, stride, padding, groups: groups, bias: bias, device: Device, dtype: Type);
        }

        var layer = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups: groups, bias: bias, device: META, dtype: Type);
        layer.weight = Empty(outputs, inputs / groups, kernel, kernel);
        if (bias)
        {
            layer.bias = Empty(outputs);
        }

        return layer;
    }

    public LayerNorm LayerNorm(long size, double epsilon) => nn.LayerNorm(size, epsilon, device: Device, dtype: Type);

    public EmbeddingTable Embedding(long count, long size, double deviation)
    {
        var weight = Empty(count, size);
        if (Initialize)
        {
            nn.init.normal_(weight); // torch's own embedding draws once for itself: a seed goes on giving the model that it gave with it
            nn.init.normal_(weight, 0, deviation);
        }

        return new EmbeddingTable(weight);
    }

    /// <summary>A parameter of normally distributed values.</summary>
    public Parameter Normal(double deviation, params long[] shape) =>
        Initialize ? nn.Parameter(randn(shape, Type, Device) * Scalars.Of(deviation)) : Empty(shape);

    public Parameter Ones(long size) => nn.Parameter(ones([size], Type, Device));

    public Parameter Zeros(long size) => nn.Parameter(zeros([size], Type, Device));

    private Parameter Empty(params long[] shape) => nn.Parameter(empty(shape, Type, Device));
}
