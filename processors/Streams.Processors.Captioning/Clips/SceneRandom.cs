namespace Streams.Processors.Captioning.Clips;

/// <summary>SplitMix64: the same numbers on every platform and runtime version, which System.Random does not promise.</summary>
internal struct SceneRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    public SceneRandom(ulong seed, long index)
    {
        _state = seed;
        _state = Next() ^ (unchecked((ulong)index) * Golden);
        Next();
    }

    public ulong Next()
    {
        var z = _state += Golden;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>In [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1L << 53));

    public double Between(double low, double high) => low + (Unit() * (high - low));

    public int Below(int count) => (int)(Unit() * count);

    public bool Chance(double probability) => Unit() < probability;

    public T Pick<T>()
        where T : struct, Enum
    {
        var values = Values<T>.All;
        return values[Below(values.Length)];
    }

    /// <summary>An index, each with its share of the sum.</summary>
    public int Index(IReadOnlyList<double> shares)
    {
        var rest = Unit() * shares.Sum();
        var index = 0;
        while (index < shares.Count - 1 && rest >= shares[index])
        {
            rest -= shares[index++];
        }

        return index;
    }

    /// <summary>A colour near another.</summary>
    public (byte Red, byte Green, byte Blue) Vary((int Red, int Green, int Blue) colour, int range) =>
        (Vary(colour.Red, range), Vary(colour.Green, range), Vary(colour.Blue, range));

    private byte Vary(int value, int range) => (byte)Math.Clamp(value + (int)Math.Round(Between(-range, range)), 0, 255);

    private static class Values<T>
        where T : struct, Enum
    {
        public static readonly T[] All = Enum.GetValues<T>();
    }
}
