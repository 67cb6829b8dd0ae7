using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>One decoding step of neighbouring slots of a <see cref="SlotCache"/>.</summary>
internal sealed class SlotStep : IKeyValueStore
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly int _first;
    private readonly Tensor _places;
    private readonly Tensor _index;

    internal SlotStep(Tensor[] keys, Tensor[] values, Tensor places, int first, Tensor positions)
    {
        (_keys, _values, _places, _first, Positions) = (keys, values, places, first, positions);
        _index = positions.view(-1, 1, 1, 1).expand(-1, keys[0].size(1), 1, keys[0].size(3));
    }

    /// <summary>Positions (N) of the new tokens.</summary>
    public Tensor Positions { get; }

    /// <summary>0 where a new token sees, minus infinity elsewhere: (N, 1, 1, capacity).</summary>
    public Tensor CreateMask()
    {
        var seen = _places <= Positions.unsqueeze(1);
        return zeros(seen.size(0), seen.size(1), _keys[0].dtype, seen.device).masked_fill_(seen.logical_not(), Scalars.NegativeInfinity).view(seen.size(0), 1, 1, seen.size(1));
    }

    /// <inheritdoc/>
    public KeyValueBuffers? Buffers(int layer) =>
        new(_keys[layer].narrow(0, _first, Positions.size(0)), _values[layer].narrow(0, _first, Positions.size(0)), Positions, 0);

    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        var (allKeys, allValues, _, _) = Buffers(layer)!;
        allKeys.scatter_(2, _index, keys);
        allValues.scatter_(2, _index, values);
        return (allKeys, allValues);
    }
}
