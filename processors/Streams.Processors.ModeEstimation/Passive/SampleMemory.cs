namespace Streams.Processors.ModeEstimation.Passive;

/// <summary>
/// The latest samples of a passive task with their labels, so that a sample that arrives again is not counted again: a repeat is
/// not an independent draw. Ids are kept as 64-bit hashes, the oldest one is forgotten when the memory is full. Two
/// ids with the same hash (one chance in 10^11 at the default size) cost one sample, and not the guarantee: which samples
/// are dropped so does not depend on their labels.
/// </summary>
internal sealed class SampleMemory(int capacity)
{
    private readonly Dictionary<ulong, int> _labels = [];
    private readonly Queue<ulong> _order = [];

    /// <summary>The label that <paramref name="sample"/> came with; null when it is new or forgotten.</summary>
    public int? LabelOf(string sample) => _labels.TryGetValue(Hashing.Text(sample), out var label) ? label : null;

    /// <summary>Remembers a sample that <see cref="LabelOf"/> does not know.</summary>
    public void Add(string sample, int label) => Add(Hashing.Text(sample), label);

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_order.Count);
        foreach (var hash in _order)
        {
            writer.Write(hash);
            writer.Write7BitEncodedInt(_labels[hash]);
        }
    }

    public static SampleMemory Restore(BinaryReader reader, int capacity)
    {
        var memory = new SampleMemory(capacity);
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            memory.Add(reader.ReadUInt64(), reader.Read7BitEncodedInt());
        }

        return memory;
    }

    private void Add(ulong hash, int label)
    {
        if (_order.Count == capacity)
        {
            _labels.Remove(_order.Dequeue());
        }

        _order.Enqueue(hash);
        _labels.Add(hash, label);
    }
}
