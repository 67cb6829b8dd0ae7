using System.Runtime.InteropServices;

namespace Streams.Processors.ModeEstimation.Scale;

/// <summary>Counts of the labels of many keys, 4 bytes a label, in blocks with room for 2, 4, 8, 16 or 32 labels.</summary>
/// <param name="hasWealth">Each label has a wealth as well: 8 bytes more.</param>
internal sealed class CountBlocks(bool hasWealth)
{
    /// <summary>Labels that the largest block has room for.</summary>
    public const int MostLabels = SmallestRoom << (Rooms - 1);

    private const int SmallestRoom = 2;
    private const int Rooms = 5;

    private readonly ChunkedArray<LabelCount>[] _blocks = [.. Enumerable.Range(0, Rooms).Select(_ => new ChunkedArray<LabelCount>())];

    /// <summary>In the places of the counts.</summary>
    private readonly ChunkedArray<double>[] _wealth = hasWealth ? [.. Enumerable.Range(0, Rooms).Select(_ => new ChunkedArray<double>())] : [];

    /// <summary>By room: blocks that were left for a larger one.</summary>
    private readonly List<int>[] _free = [.. Enumerable.Range(0, Rooms).Select(_ => new List<int>())];

    public Span<LabelCount> Of(in CountBlock block) => block.Labels == 0 ? [] : _blocks[block.Room].Span(block.Place, block.Labels);

    /// <summary>Wealth of each label of a block; none where labels have none.</summary>
    public Span<double> WealthOf(in CountBlock block) => block.Labels == 0 || !hasWealth ? [] : _wealth[block.Room].Span(block.Place, block.Labels);

    /// <summary>Adds a label to a block that has less than <see cref="MostLabels"/>; a default block is an empty one.</summary>
    public void Append(ref CountBlock block, LabelCount count, double wealth = 0)
    {
        if (block.Labels == 0)
        {
            block.Place = Take(0);
        }
        else if (block.Labels == SmallestRoom << block.Room)
        {
            var place = Take(block.Room + 1);
            Of(block).CopyTo(_blocks[block.Room + 1].Span(place, block.Labels));
            if (hasWealth)
            {
                WealthOf(block).CopyTo(_wealth[block.Room + 1].Span(place, block.Labels));
            }

            _free[block.Room].Add(block.Place);
            (block.Place, block.Room) = (place, (byte)(block.Room + 1));
        }

        _blocks[block.Room][block.Place + block.Labels] = count;
        if (hasWealth)
        {
            _wealth[block.Room][block.Place + block.Labels] = wealth;
        }

        block.Labels++;
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
            if (hasWealth)
            {
                // Takes the same places, for it is asked for the same.
                _wealth[room].Take(SmallestRoom << room);
            }

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
