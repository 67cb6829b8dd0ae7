using Streams.Processors.Captioning.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Decoder;

/// <summary>
/// Keys and values of several sequences that come and go: one slot each, of fixed capacity. A step reads whole slots, masked to their
/// sequences' lengths, so that its shape depends on nothing but the number of slots.
/// </summary>
internal sealed class SlotCache : IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly Tensor _places;

    public SlotCache(TextConfig config, int slots, int capacity, Device device, ScalarType type)
    {
        (Slots, Capacity) = (slots, capacity);
        // Zeros, not whatever memory holds: what is masked has weight 0, and 0 times not-a-number would still spread.
        Tensor Buffer() => zeros([slots, config.NumKeyValueHeads, capacity, config.HeadDim], type, device).DetachFromDisposeScope();
        _keys = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => Buffer())];
        _values = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => Buffer())];
        _places = arange(Scalars.Zero, Scalars.Of(capacity), Scalars.One, device: device).DetachFromDisposeScope();
    }

    public int Slots { get; }

    /// <summary>Tokens that a slot holds.</summary>
    public int Capacity { get; }

    /// <summary>Bytes of all slots.</summary>
    public long Bytes => _keys.Concat(_values).Sum(buffer => buffer.numel() * buffer.element_size());

    /// <summary>Bytes of one slot of <paramref name="capacity"/> tokens.</summary>
    public static long SlotBytes(TextConfig config, int capacity, ScalarType type) =>
        2L * config.NumHiddenLayers * config.NumKeyValueHeads * config.HeadDim * capacity * (type == ScalarType.Float32 ? 4 : 2);

    /// <summary>Puts rows of a prompts' cache into slots, row by slot.</summary>
    public void Fill(IReadOnlyList<int> slots, KeyValueCache prompt, IReadOnlyList<int> rows)
    {
        using var scope = NewDisposeScope();
        if (_places.device_type == DeviceType.CPU)
        {
            for (var layer = 0; layer < _keys.Length; layer++)
            {
                var (keys, values) = prompt.Held(layer);
                foreach (var (slot, row) in slots.Zip(rows))
                {
                    Copy(keys, row, _keys[layer], slot);
                    Copy(values, row, _values[layer], slot);
                }
            }

            return;
        }

        Tensor Index(IEnumerable<int> numbers) => DeviceTensors.Send([.. numbers.Select(number => (long)number)], _places.device);
        var target = Index(slots);
        var source = rows.SequenceEqual(Enumerable.Range(0, rows.Count)) ? null : Index(rows);
        void Put(Tensor buffer, Tensor held) =>
            buffer.narrow(2, 0, prompt.Length).index_copy_(0, target, source is null ? held.narrow(0, 0, rows.Count) : held.index_select(0, source));
        for (var layer = 0; layer < _keys.Length; layer++)
        {
            var (keys, values) = prompt.Held(layer);
            Put(_keys[layer], keys);
            Put(_values[layer], values);
        }
    }

    // A row of (B, heads, length, head), on the CPU, into a slot.
    private static unsafe void Copy(Tensor held, int row, Tensor buffer, int slot)
    {
        var bytes = held.element_size();
        var length = held.size(2) * held.size(3) * bytes;
        var from = (byte*)DeviceTensors.AddressOf(held) + (row * held.stride(0) * bytes);
        var to = (byte*)DeviceTensors.AddressOf(buffer) + (slot * buffer.stride(0) * bytes);
        for (var head = held.size(1); head > 0; head--, from += held.stride(1) * bytes, to += buffer.stride(1) * bytes)
        {
            Buffer.MemoryCopy(from, to, length, length);
        }

        GC.KeepAlive(held); // its memory was read to here
    }

    /// <summary>Wipes a slot that may hold numbers that are none.</summary>
    public void Clear(int slot)
    {
        foreach (var buffer in _keys.Concat(_values))
        {
            buffer.select(0, slot).zero_();
        }
    }

    /// <summary>One new token for each of the slots from <paramref name="first"/> on, at positions (N): as many as the slots hold tokens.</summary>
    public SlotStep Step(int first, Tensor positions) => new(_keys, _values, _places, first, positions);

    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values).Append(_places))
        {
            tensor.Dispose();
        }
    }
}
