namespace Streams.Processors.GraphFilter.Filling;

/// <summary>Numbers of a state, checked: a damaged one is refused before anything is computed from it.</summary>
internal static class StateNumbers
{
    /// <exception cref="FormatException">Not a number, or infinite.</exception>
    public static double Finite(this BinaryReader reader) =>
        reader.ReadDouble() is var number && double.IsFinite(number) ? number : throw new FormatException($"the number {number}");

    /// <exception cref="FormatException">Not positive and finite.</exception>
    public static double Positive(this BinaryReader reader) =>
        reader.ReadDouble() is var number && number is > 0 and < 1e300 ? number : throw new FormatException($"{number} where only positive numbers can be");

    /// <summary>A count that the remaining bytes can hold at <paramref name="bytesEach"/> or more.</summary>
    /// <exception cref="FormatException">They cannot.</exception>
    public static int Count(this BinaryReader reader, int bytesEach)
    {
        var count = reader.ReadInt32();
        var left = reader.BaseStream.Length - reader.BaseStream.Position;
        return count >= 0 && count <= Math.Min(left / bytesEach, 10_000_000)
            ? count
            : throw new FormatException($"a count of {count} with {left} bytes left");
    }

    public static void Fill(this BinaryReader reader, Span<double> numbers)
    {
        foreach (ref var number in numbers)
        {
            number = reader.Finite();
        }
    }

    public static void Write(this BinaryWriter writer, ReadOnlySpan<double> numbers)
    {
        foreach (var number in numbers)
        {
            writer.Write(number);
        }
    }
}
