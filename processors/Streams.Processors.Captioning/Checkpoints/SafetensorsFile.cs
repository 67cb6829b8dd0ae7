using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>
/// Whole files in the safetensors format: a little-endian 8-byte header length, a JSON header of name, type, shape and offsets, then the
/// bytes.
/// </summary>
internal static class SafetensorsFile
{
    private const int LengthBytes = 8;
    private const string MetadataKey = "__metadata__";

    /// <summary>All tensors of a file, on the CPU. The caller, or its dispose scope, owns them.</summary>
    /// <exception cref="CheckpointException">Not a safetensors file, or a damaged one.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        using var file = MappedSafetensors.Open(path);
        var tensors = new Dictionary<string, Tensor>();
        foreach (var entry in file.Entries.Values)
        {
            var tensor = empty([.. entry.Shape], entry.Type);
            file.CopyTo(entry, tensor);
            tensors.Add(entry.Name, tensor);
        }

        return tensors;
    }

    /// <summary>
    /// Writes <paramref name="tensors"/> in the order given, as <paramref name="type"/> (32 or 16-bit floats), to a new file that then takes
    /// the name. One tensor at a time is copied.
    /// </summary>
    public static void Write(
        string path, IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> metadata, ScalarType type = ScalarType.Float32)
    {
        var (typeName, size) = SafetensorsTypes.NameOf(type);
        var chunks = tensors.ToList();
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WritePropertyName(MetadataKey);
            JsonSerializer.Serialize(json, metadata);
            long offset = 0;
            foreach (var (name, tensor) in chunks)
            {
                var end = offset + (tensor.numel() * size);
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, new { dtype = typeName, tensor.shape, data_offsets = new[] { offset, end } });
                offset = end;
            }

            json.WriteEndObject();
        }

        while (header.Length % LengthBytes != 0)
        {
            header.WriteByte((byte)' '); // readers map the data, which must start aligned
        }

        var temporary = path + ".tmp";
        using (var file = File.Create(temporary))
        {
            var prefix = new byte[LengthBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
            file.Write(prefix);
            header.WriteTo(file);
            foreach (var (_, tensor) in chunks)
            {
                using var scope = NewDisposeScope();
                file.Write(tensor.detach().cpu().to(type).contiguous().bytes);
            }
        }

        File.Move(temporary, path, overwrite: true);
    }
}
