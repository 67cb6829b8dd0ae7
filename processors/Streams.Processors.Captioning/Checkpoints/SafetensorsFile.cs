using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>
/// The safetensors format: a little-endian 8-byte header length, a JSON header of name, type, shape and offsets, then the bytes.
/// </summary>
internal static class SafetensorsFile
{
    private const int LengthBytes = 8;
    private const int MaxHeaderBytes = 100 * 1024 * 1024; // the format's own limit
    private const string MetadataKey = "__metadata__";

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

    /// <summary>All tensors of a file, on the CPU. The caller, or its dispose scope, owns them.</summary>
    /// <exception cref="CheckpointException">Not a safetensors file, or a damaged one.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        using var file = File.OpenRead(path);
        var prefix = new byte[LengthBytes];
        if (file.ReadAtLeast(prefix, LengthBytes, throwOnEndOfStream: false) < LengthBytes)
        {
            throw new CheckpointException(path, $"{file.Length} bytes cannot hold a header; the file is cut off");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeaderBytes || (long)length > file.Length - LengthBytes)
        {
            throw new CheckpointException(path, $"header of {length} bytes in a file of {file.Length}; the file is cut off or not safetensors");
        }

        var header = new byte[length];
        file.ReadExactly(header);
        var tensors = new Dictionary<string, Tensor>();
        try
        {
            using var json = JsonDocument.Parse(header);
            foreach (var entry in json.RootElement.EnumerateObject().Where(entry => entry.Name != MetadataKey))
            {
                tensors.Add(entry.Name, ReadTensor(path, file, LengthBytes + (long)length, entry));
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CheckpointException(path, $"the header is not a safetensors header: {e.Message}", e);
        }

        return tensors;
    }

    /// <summary>Writes <paramref name="tensors"/> in the order given, as 32-bit floats, to a new file that then takes the name.</summary>
    public static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var chunks = tensors.Select(entry => (entry.Name, entry.Tensor.shape, Bytes: ToBytes(entry.Tensor))).ToList();
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WritePropertyName(MetadataKey);
            JsonSerializer.Serialize(json, metadata);
            long offset = 0;
            foreach (var (name, shape, bytes) in chunks)
            {
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, new { dtype = "F32", shape, data_offsets = new[] { offset, offset + bytes.Length } });
                offset += bytes.Length;
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
            foreach (var (_, _, bytes) in chunks)
            {
                file.Write(bytes);
            }
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static Tensor ReadTensor(string path, FileStream file, long data, JsonProperty entry)
    {
        var name = entry.Value.GetProperty("dtype").GetString() ?? string.Empty;
        if (!Types.TryGetValue(name, out var type))
        {
            throw new CheckpointException(path, $"tensor {entry.Name} has type {name}; readable are {string.Join(", ", Types.Keys)}");
        }

        long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        var offsets = entry.Value.GetProperty("data_offsets");
        var (start, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        var expected = shape.Aggregate((long)type.Size, (product, size) => product * size);
        if (start < 0 || end - start != expected || data + end > file.Length)
        {
            throw new CheckpointException(
                path,
                $"tensor {entry.Name} [{string.Join(", ", shape)}] {name} needs {expected} bytes, the file gives {Math.Min(end, file.Length - data) - start}; the file is cut off or damaged");
        }

        var bytes = new byte[expected];
        file.Position = data + start;
        file.ReadExactly(bytes);
        var tensor = empty(shape, type.Type);
        tensor.bytes = bytes;
        return tensor;
    }

    private static byte[] ToBytes(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().cpu().to(ScalarType.Float32).contiguous().bytes.ToArray();
    }
}
