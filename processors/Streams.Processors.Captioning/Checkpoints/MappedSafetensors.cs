using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>A safetensors file mapped into memory: tensors go from the page cache to where they are wanted, without a copy between.</summary>
internal sealed class MappedSafetensors : IDisposable
{
    private const int LengthBytes = 8;
    private const int MaxHeaderBytes = 100 * 1024 * 1024; // the format's own limit
    private const int ChunkElements = 16 * 1024 * 1024; // bounds what is converted or sent to a device at a time
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private MappedSafetensors(string path, MemoryMappedFile file, MemoryMappedViewAccessor view, IReadOnlyDictionary<string, SafetensorsEntry> entries)
    {
        Path = path;
        _file = file;
        _view = view;
        Entries = entries;
    }

    public string Path { get; }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <exception cref="CheckpointException">Not a safetensors file, or a damaged one.</exception>
    public static MappedSafetensors Open(string path)
    {
        var length = new FileInfo(path).Length;
        if (length < LengthBytes)
        {
            throw new CheckpointException(path, $"{length} bytes cannot hold a header; the file is cut off");
        }

        var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        MemoryMappedViewAccessor? view = null;
        try
        {
            view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            return new MappedSafetensors(path, file, view, ReadEntries(path, view, length));
        }
        catch
        {
            view?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Copies a tensor of the file into one of the same shape, of any type and on any device.</summary>
    public void CopyTo(SafetensorsEntry entry, Tensor target)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var flat = target.view(-1);
        var direct = target.device_type == DeviceType.CPU && target.dtype == entry.Type;
        for (long at = 0; at < entry.Count; at += ChunkElements)
        {
            using var chunkScope = NewDisposeScope();
            var piece = flat.narrow(0, at, Math.Min(ChunkElements, entry.Count - at));
            var buffer = direct ? piece : empty(piece.shape, entry.Type);
            _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(entry.Offset + (at * entry.ElementBytes)), buffer.bytes);
            if (!direct)
            {
                piece.copy_(buffer);
            }
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private static Dictionary<string, SafetensorsEntry> ReadEntries(string path, MemoryMappedViewAccessor view, long fileLength)
    {
        var prefix = new byte[LengthBytes];
        view.ReadArray(0, prefix, 0, LengthBytes);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeaderBytes || (long)length > fileLength - LengthBytes)
        {
            throw new CheckpointException(path, $"header of {length} bytes in a file of {fileLength}; the file is cut off or not safetensors");
        }

        var header = new byte[length];
        view.ReadArray(LengthBytes, header, 0, header.Length);
        try
        {
            using var json = JsonDocument.Parse(header);
            return json.RootElement.EnumerateObject()
                .Where(entry => entry.Name != "__metadata__")
                .Select(entry => ReadEntry(path, fileLength, LengthBytes + (long)length, entry))
                .ToDictionary(entry => entry.Name);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new CheckpointException(path, $"the header is not a safetensors header: {e.Message}", e);
        }
    }

    private static SafetensorsEntry ReadEntry(string path, long fileLength, long data, JsonProperty json)
    {
        var name = json.Value.GetProperty("dtype").GetString() ?? string.Empty;
        if (!SafetensorsTypes.TryFind(name, out var type))
        {
            throw new CheckpointException(path, $"tensor {json.Name} has type {name}; readable are {string.Join(", ", SafetensorsTypes.Names)}");
        }

        long[] shape = [.. json.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        var offsets = json.Value.GetProperty("data_offsets");
        var (start, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        var entry = new SafetensorsEntry(json.Name, type.Type, type.Size, shape, data + start);
        return start >= 0 && shape.All(size => size >= 0) && end - start == entry.Bytes && data + end <= fileLength
            ? entry
            : throw new CheckpointException(
                path,
                $"tensor {json.Name} [{string.Join(", ", shape)}] {name} needs {entry.Bytes} bytes, the file gives {Math.Min(end, fileLength - data) - start}; the file is cut off or damaged");
    }
}
