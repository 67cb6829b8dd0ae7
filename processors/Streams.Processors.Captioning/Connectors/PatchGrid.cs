using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Connectors;

/// <summary>Rows of patch features as the square picture that they come from, and back.</summary>
internal static class PatchGrid
{
    /// <summary>(B, side x side, C) to (B, C, side, side).</summary>
    public static Tensor ToMap(Tensor features)
    {
        var side = Side(features.size(1));
        return features.transpose(1, 2).reshape(features.size(0), -1, side, side);
    }

    /// <summary>(B, C, rows, columns) to (B, rows x columns, C).</summary>
    public static Tensor ToTokens(Tensor map) => map.flatten(2).transpose(1, 2);

    /// <exception cref="ArgumentException">Not a square number.</exception>
    public static long Side(long patches)
    {
        var side = (long)Math.Round(Math.Sqrt(patches));
        return side * side == patches ? side : throw new ArgumentException($"{patches} patches are no square; give square images", nameof(patches));
    }
}
