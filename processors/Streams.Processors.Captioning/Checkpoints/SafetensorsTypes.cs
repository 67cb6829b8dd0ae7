using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>The element types of safetensors that torch has too.</summary>
internal static class SafetensorsTypes
{
    private static readonly Dictionary<string, (ScalarType Type, int Size)> Types = new()
    {
        ["F64"] = (ScalarType.Float64, 8),
        ["F32"] = (ScalarType.Float32, 4),
        ["F16"] = (ScalarType.Float16, 2),
        ["BF16"] = (ScalarType.BFloat16, 2),
        ["I64"] = (ScalarType.Int64, 8),
        ["I32"] = (ScalarType.Int32, 4),
        ["U8"] = (ScalarType.Byte, 1),
        ["BOOL"] = (ScalarType.Bool, 1),
    };

    public static IReadOnlyCollection<string> Names => Types.Keys;

    public static bool TryFind(string name, out (ScalarType Type, int Size) type) => Types.TryGetValue(name, out type);

    public static (string Name, int Size) NameOf(ScalarType type)
    {
        var (name, found) = Types.First(entry => entry.Value.Type == type);
        return (name, found.Size);
    }
}
