using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>One decoding step of neighbouring slots of a <see cref="SlotCache"/>.</summary>
internal sealed class SlotStep : IKeyValueStore
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly int _first;
    private readonly Tensor _index;

    internal SlotStep(Tensor[] keys, Tensor[] values, int first, Tensor positions, Tensor mask)
    {
        (_keys, _values, _first, Positions, Mask) = (keys, values, first, positions, mask);
        _index = positions.view(-1, 1, 1, 1).expand(-1, keys[0].shape[1], 1, keys[0].shape[3]);
    }

    /// <summary>Positions (N) of the new tokens.</summary>
    public Tensor Positions { get; }

    /// <summary>0 where a new token sees, minus infinity elsewhere: (N, 1, 1, capacity).</summary>
    public Tensor Mask { get; }

    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        var (allKeys, allValues) = (_keys[layer].narrow(0, _first, Positions.shape[0]), _values[layer].narrow(0, _first, Positions.shape[0]));
        allKeys.scatter_(2, _index, keys);
        allValues.scatter_(2, _index, values);
        return (allKeys, allValues);
    }
}
