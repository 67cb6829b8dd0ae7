using System.Text;

namespace Streams.Processors.ModeEstimation;

/// <summary>Hashes that are part of the replay contract: they must never change, on any machine or version.</summary>
internal static class Hashing
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>FNV-1a of the UTF-8 bytes, finished by <see cref="Mix"/>.</summary>
    public static ulong Text(string text)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ value) * 0x100000001B3;
        }

        return Mix(hash);
    }

    /// <summary>One step of SplitMix64: a bijection that turns neighbouring inputs into unrelated outputs.</summary>
    public static ulong Mix(ulong value)
    {
        value += Golden;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
