using System.Numerics;
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

    /// <summary>By room: one more than the place of the block that was left last; its first element has the same of the one before. 0: none.</summary>
    private readonly int[] _free = new int[Rooms];

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
            var larger = new CountBlock { Place = Take(block.Room + 1), Labels = (byte)(block.Labels + 1) };
            Of(block).CopyTo(Of(larger));
            WealthOf(block).CopyTo(WealthOf(larger));
            Free(block);
            block = larger with { Labels = block.Labels };
        }

        block.Labels++;
        Of(block)[^1] = count;
        if (hasWealth)
        {
            WealthOf(block)[^1] = wealth;
        }
    }

    /// <summary>Gives the block up; it is empty then.</summary>
    public void Release(ref CountBlock block)
    {
        if (block.Labels > 0)
        {
            Free(block);
        }

        block = default;
    }

    private void Free(in CountBlock block)
    {
        _blocks[block.Room][block.Place] = LabelCount.OfBits(_free[block.Room]);
        _free[block.Room] = block.Place + 1;
    }

    private int Take(int room)
    {
        if (_free[room] == 0)
        {
            if (hasWealth)
            {
                // Takes the same places, for it is asked for the same.
                _wealth[room].Take(SmallestRoom << room);
            }

            return _blocks[room].Take(SmallestRoom << room);
        }

        var place = _free[room] - 1;
        _free[room] = _blocks[room][place].Bits;
        return place;
    }
}

/// <summary>Where the counts of a key are. Packed, so that a slot of the store has 6 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct CountBlock
{
    public int Place;
    public byte Labels;

    /// <summary>The smallest that has room for the labels, 0 for the smallest of all: a block only grows.</summary>
    public readonly int Room => BitOperations.Log2((uint)(Labels - 1) | 1);
}

/// <param name="label">Number of the label.</param>
/// <param name="occurrences">How often it came.</param>
internal struct LabelCount(ushort label, ushort occurrences)
{
    public readonly ushort Label => label;

    public ushort Occurrences = occurrences;

    /// <summary>Both as one number, for an element that holds something else.</summary>
    public readonly int Bits => label | (Occurrences << 16);

    public static LabelCount OfBits(int bits) => new((ushort)bits, (ushort)(bits >> 16));
}
