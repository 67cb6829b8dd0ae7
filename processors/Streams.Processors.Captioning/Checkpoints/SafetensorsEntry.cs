using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>A tensor of a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="ElementBytes">Bytes of one.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Offset">Where its bytes begin in the file.</param>
internal sealed record SafetensorsEntry(string Name, ScalarType Type, int ElementBytes, IReadOnlyList<long> Shape, long Offset)
{
    /// <summary>Elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Bytes.</summary>
    public long Bytes => Count * ElementBytes;

    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";
}
