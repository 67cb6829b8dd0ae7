using Streams.Processors.Captioning.Cuda;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>
/// Keys and values of a sequence that never ends, in memory that never grows: of its first tokens, which attention leans on whatever they say
/// ("attention sinks"), and of its latest ones (StreamingLLM, arXiv 2309.17453, section 3.2; for video StreamingVLM). Positions are counted within
/// what is kept, so that they never leave the range that the model was trained for; keys are therefore stored as they were before rotation.
/// One sequence; belongs to one thread.
/// </summary>
internal sealed class SinkWindowCache : IKeyValueStore, IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly int _sinks;
    private readonly int _window;
    private readonly Device _device;
    private Tensor? _places; // where the tokens that are being appended go; set by Begin

    /// <param name="config">The model.</param>
    /// <param name="sinks">First tokens to keep; 4 is what the paper found enough.</param>
    /// <param name="window">Latest tokens to keep.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="type">Type of its weights.</param>
    /// <exception cref="PromptTooLongException">Both together are more than the model's context.</exception>
    public SinkWindowCache(TextConfig config, int sinks, int window, Device device, ScalarType type = ScalarType.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sinks);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        if (sinks + window > config.MaxPositionEmbeddings)
        {
            throw new PromptTooLongException(sinks + window, config.MaxPositionEmbeddings);
        }

        (_sinks, _window, _device) = (sinks, window, device);
        Tensor Buffer() => zeros([1, config.NumKeyValueHeads, sinks + window, config.HeadDim], type, device).DetachFromDisposeScope();
        _keys = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => Buffer())];
        _values = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => Buffer())];
    }

    /// <summary>Tokens that have come so far.</summary>
    public long Seen { get; private set; }

    /// <summary>Tokens held.</summary>
    public int Length => (int)Math.Min(Seen, _sinks + _window);

    /// <summary>Bytes held, from the beginning and for ever.</summary>
    public long Bytes => _keys.Concat(_values).Sum(buffer => buffer.numel() * buffer.element_size());

    /// <summary>
    /// Makes room for the next tokens, which come together and look at the same older ones. Gives the positions (1, all) of everything that will
    /// be kept, in the order of the buffers, and the positions (1, count) of the new tokens.
    /// </summary>
    /// <exception cref="ArgumentException">More than the window holds.</exception>
    public (Tensor All, Tensor New) Begin(int count)
    {
        if (count > _window)
        {
            throw new ArgumentException($"{count} tokens at once do not fit a window of {_window}; give fewer, or make the window larger", nameof(count));
        }

        // The window is a ring: a new token takes the place of the oldest.
        var total = Seen + count;
        var oldest = Math.Max(_sinks, total - _window);
        long Place(long token) => token < _sinks ? token : _sinks + ((token - _sinks) % _window);
        long Position(long token) => token < _sinks ? token : _sinks + token - oldest;
        var all = new long[Math.Min(total, _sinks + _window)];
        for (var token = _sinks == 0 ? oldest : 0L; token < total; token = token + 1 == _sinks ? oldest : token + 1)
        {
            all[Place(token)] = Position(token);
        }

        _places?.Dispose();
        _places = tensor([.. Enumerable.Range(0, count).Select(i => Place(Seen + i))], device: _device).DetachFromDisposeScope();
        long[] added = [.. Enumerable.Range(0, count).Select(i => Position(Seen + i))];
        return (tensor(all, device: _device).unsqueeze(0), tensor(added, device: _device).unsqueeze(0));
    }

    /// <inheritdoc/>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        _keys[layer].index_copy_(2, _places!, keys);
        _values[layer].index_copy_(2, _places!, values);
        var held = Math.Min(Seen + keys.size(2), _sinks + _window);
        return (_keys[layer].narrow(2, 0, held), _values[layer].narrow(2, 0, held));
    }

    /// <inheritdoc/>
    public KeyValueBuffers? Buffers(int layer) => null;

    /// <summary>All layers have stored the new tokens.</summary>
    public void End(int count)
    {
        Seen += count;
        _places?.Dispose();
        _places = null;
    }

    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
        {
            tensor.Dispose();
        }

        _places?.Dispose();
    }
}
