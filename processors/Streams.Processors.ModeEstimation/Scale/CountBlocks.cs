using System.Runtime.InteropServices;

namespace Streams.Processors.ModeEstimation.Scale;

/// <summary>Counts of the labels of many keys, 4 bytes a label, in blocks with room for 2, 4, 8, 16 or 32 labels.</summary>
internal sealed class CountBlocks
{
    /// <summary>Labels that the largest block has room for.</summary>
    public const int MostLabels = SmallestRoom << (Rooms - 1);

    private const int SmallestRoom = 2;
    private const int Rooms = 5;

    private readonly ChunkedArray<LabelCount>[] _blocks = [.. Enumerable.Range(0, Rooms).Select(_ => new ChunkedArray<LabelCount>())];

    /// <summary>By room: blocks that were left for a larger one.</summary>
    private readonly List<int>[] _free = [.. Enumerable.Range(0, Rooms).Select(_ => new List<int>())];

    public Span<LabelCount> Of(in CountBlock block) => block.Labels == 0 ? [] : _blocks[block.Room].Span(block.Place, block.Labels);

    /// <summary>Adds a label to a block that has less than <see cref="MostLabels"/>; a default block is an empty one.</summary>
    public void Append(ref CountBlock block, LabelCount count)
    {
        if (block.Labels == 0)
        {
            block.Place = Take(0);
        }
        else if (block.Labels == SmallestRoom << block.Room)
        {
            var place = Take(block.Room + 1);
            Of(block).CopyTo(_blocks[block.Room + 1].Span(place, block.Labels));
            _free[block.Room].Add(block.Place);
            (block.Place, block.Room) = (place, (byte)(block.Room + 1));
        }

        _blocks[block.Room][block.Place + block.Labels++] = count;
    }

    /// <summary>Gives the block up; it is empty then.</summary>
    public void Release(ref CountBlock block)
    {
        if (block.Labels > 0)
        {
            _free[block.Room].Add(block.Place);
        }

        block = default;
    }

    private int Take(int room)
    {
        var free = _free[room];
        if (free.Count == 0)
        {
            return _blocks[room].Take(SmallestRoom << room);
        }

        var place = free[^1];
        free.RemoveAt(free.Count - 1);
        return place;
    }
}

/// <summary>Where the counts of a key are. Packed, so that a slot of the store has 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal struct CountBlock
{
    public int Place;
    public byte Room;
    public byte Labels;
}

/// <param name="label">Number of the label.</param>
/// <param name="occurrences">How often it came.</param>
internal struct LabelCount(ushort label, ushort occurrences)
{
    public readonly ushort Label => label;

    public ushort Occurrences = occurrences;
}
