using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Streams.Ingest.Publishing;

/// <summary>
/// Source offsets of one partition whose results are committed, from a floor up: the note that every transaction carries. Below the floor
/// lies the stored cursor, from where no record is read again.
/// </summary>
internal sealed class PublishedOffsets
{
    /// <summary>Longest note, in characters. Each transaction writes one, so it must stay small beside the results; it names some 50,000 offsets.</summary>
    public const int MaxLength = 64 * 1024;

    private const string Version = "1";
    private readonly SortedSet<long> _offsets;

    private PublishedOffsets(long floor, IEnumerable<long> offsets) => (Floor, _offsets) = (floor, [.. offsets]);

    public static PublishedOffsets Empty { get; } = new(0, []);

    public long Floor { get; }

    public bool Contains(long offset) => offset < Floor || _offsets.Contains(offset);

    /// <summary>With more offsets, and without those below a floor that has risen.</summary>
    public PublishedOffsets With(long floor, IEnumerable<long> offsets)
    {
        var higher = Math.Max(Floor, floor);
        return new PublishedOffsets(higher, _offsets.Concat(offsets).Where(offset => offset >= higher));
    }

    /// <summary><c>1:FLOOR:DELTAS</c>, the differences between ascending offsets as base-64 of variable-length integers.</summary>
    public override string ToString()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        var last = Floor;
        foreach (var offset in _offsets)
        {
            writer.Write7BitEncodedInt64(offset - last);
            last = offset;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Version}:{Floor}:{Convert.ToBase64String(bytes.GetBuffer(), 0, (int)bytes.Length)}");
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out PublishedOffsets? offsets)
    {
        offsets = null;
        var parts = text?.Split(':');
        if (parts is not { Length: 3 } || parts[0] != Version || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var floor))
        {
            return false;
        }

        try
        {
            var reader = new BinaryReader(new MemoryStream(Convert.FromBase64String(parts[2])));
            var found = new List<long>();
            for (var last = floor; reader.BaseStream.Position < reader.BaseStream.Length;)
            {
                found.Add(last += reader.Read7BitEncodedInt64());
            }

            offsets = new PublishedOffsets(floor, found);
            return true;
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException)
        {
            return false;
        }
    }
}
