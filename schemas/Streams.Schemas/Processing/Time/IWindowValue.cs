namespace Streams.Schemas.Processing.Time;

/// <summary>What a window holds: a sum of what fell into it, in whatever order it came.</summary>
public interface IWindowValue<T>
{
    /// <summary>Both together; the order must not matter.</summary>
    T Merge(T one, T other);

    /// <summary>Writes <paramref name="value"/> into the state.</summary>
    void Write(BinaryWriter writer, T value);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    T Read(BinaryReader reader);
}
