using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>Cosines and sines of rotary position embedding (arXiv 2104.09864), half-split ("rotate half").</summary>
internal sealed class RotaryTable : Module
{
    private readonly int _limit;

    public RotaryTable(TextConfig config, Device device)
        : base(nameof(RotaryTable))
    {
        _limit = config.MaxPositionEmbeddings;
        var inverse = pow(config.RopeTheta, arange(Scalars.Zero, Scalars.Of(config.HeadDim), Scalars.Of(2), dtype: ScalarType.Float32, device: device) / Scalars.Of(-config.HeadDim));
        var angles = outer(arange(Scalars.Zero, Scalars.Of(config.MaxPositionEmbeddings), Scalars.One, dtype: ScalarType.Float32, device: device), inverse);
        angles = cat([angles, angles], 1);
        register_buffer("cosine", angles.cos(), persistent: false);
        var sine = angles.sin();
        sine.narrow(1, 0, config.HeadDim / 2).neg_();
        register_buffer("sine", sine, persistent: false);
    }

    public (Tensor Cosine, Tensor Sine) Slice(int start, long count)
    {
        if (start + count > _limit)
        {
            throw TooLong(start + count);
        }

        return (get_buffer("cosine")!.narrow(0, start, count), get_buffer("sine")!.narrow(0, start, count));
    }

    /// <summary>All of them, for positions below <paramref name="end"/>.</summary>
    public (Tensor Cosine, Tensor Sine) Whole(long end) => end <= _limit ? (get_buffer("cosine")!, get_buffer("sine")!) : throw TooLong(end);

    /// <summary>Those of positions (B, N): (B, 1, N, head).</summary>
    public (Tensor Cosine, Tensor Sine) At(Tensor positions) =>
        positions.numel() == 0 || positions.max().item<long>() < _limit ? Rows(positions) : throw TooLong(positions.max().item<long>() + 1);

    /// <summary>The same of positions that are known to be within the context: a look at them would make the host wait for the device.</summary>
    public (Tensor Cosine, Tensor Sine) Rows(Tensor positions)
    {
        Tensor Row(string name) => get_buffer(name)!.index_select(0, positions.reshape(-1)).view(positions.size(0), 1, positions.size(1), -1);
        return (Row("cosine"), Row("sine"));
    }

    private PromptTooLongException TooLong(long wanted) => new(wanted, _limit);

    public static Tensor Rotate(Tensor heads, Tensor cosine, Tensor sine)
    {
        // The sine of the first half has its sign turned when the table is made: it would be work in every layer.
        var half = heads.size(3) / 2;
        var swapped = cat([heads.narrow(3, half, half), heads.narrow(3, 0, half)], 3);
        return (heads * cosine).Plus(swapped * sine);
    }
}
