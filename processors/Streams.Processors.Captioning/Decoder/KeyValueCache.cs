using Streams.Processors.Captioning.Cuda;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>Keys and values of the tokens seen so far, for each layer, in buffers of fixed capacity. Belongs to one generation.</summary>
internal sealed class KeyValueCache : IKeyValueStore, IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    public KeyValueCache(TextConfig config, long batch, int capacity, Device device, ScalarType type = ScalarType.Float32)
    {
        Tensor Buffer() => empty([batch, config.NumKeyValueHeads, capacity, config.HeadDim], type, device);
        _keys = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => Buffer())];
        _values = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => Buffer())];
    }

    /// <summary>Tokens held.</summary>
    public int Length { get; private set; }

    /// <summary>Keys and values of one layer so far: (B, heads, <see cref="Length"/>, head).</summary>
    public (Tensor Keys, Tensor Values) Held(int layer) => (_keys[layer].narrow(2, 0, Length), _values[layer].narrow(2, 0, Length));

    /// <inheritdoc/>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        var count = keys.size(2);
        _keys[layer].narrow(2, Length, count).copy_(keys);
        _values[layer].narrow(2, Length, count).copy_(values);
        return (_keys[layer].narrow(2, 0, Length + count), _values[layer].narrow(2, 0, Length + count));
    }

    /// <inheritdoc/>
    public KeyValueBuffers? Buffers(int layer) => new(_keys[layer], _values[layer], null, Length);

    /// <summary>Leaves the dispose scope that it was made in: it is the caller's to dispose now.</summary>
    public KeyValueCache DetachFromDisposeScope()
    {
        foreach (var buffer in _keys.Concat(_values))
        {
            buffer.DetachFromDisposeScope();
        }

        return this;
    }

    public void Dispose()
    {
        foreach (var buffer in _keys.Concat(_values))
        {
            buffer.Dispose();
        }
    }

    /// <summary>Counts tokens that every layer has stored.</summary>
    public void Advance(int count) => Length += count;
}
