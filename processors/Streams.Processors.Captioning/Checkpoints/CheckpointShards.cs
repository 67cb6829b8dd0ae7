using System.Text.Json;

namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>The tensors of a folder, in model.safetensors or in the shards that model.safetensors.index.json lists, mapped into memory.</summary>
internal sealed class CheckpointShards : IDisposable
{
    public const string WeightsFile = "model.safetensors";
    public const string IndexFile = "model.safetensors.index.json";
    private readonly List<MappedSafetensors> _files = [];
    private readonly Dictionary<string, (MappedSafetensors File, SafetensorsEntry Entry)> _tensors = [];

    private CheckpointShards(string path) => Path = path;

    /// <summary>The file that names the tensors.</summary>
    public string Path { get; }

    public IReadOnlyList<MappedSafetensors> Files => _files;

    public IReadOnlyDictionary<string, (MappedSafetensors File, SafetensorsEntry Entry)> Tensors => _tensors;

    /// <exception cref="FileNotFoundException">There are no weights in the folder.</exception>
    /// <exception cref="CheckpointException">A shard is missing or damaged, or does not hold what the index says.</exception>
    public static CheckpointShards Open(string folder)
    {
        var (index, single) = (System.IO.Path.Combine(folder, IndexFile), System.IO.Path.Combine(folder, WeightsFile));
        var shards = new CheckpointShards(File.Exists(index) ? index : single);
        try
        {
            if (File.Exists(index))
            {
                shards.AddAll(folder, index);
            }
            else if (File.Exists(single))
            {
                shards.Add(single);
            }
            else
            {
                throw new FileNotFoundException($"{single} is missing, and {IndexFile} too; give a folder as Hugging Face publishes it", single);
            }

            return shards;
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    public void Dispose() => _files.ForEach(file => file.Dispose());

    private void AddAll(string folder, string index)
    {
        var map = ReadIndex(index);
        foreach (var shard in map.Values.Distinct().Order(StringComparer.Ordinal))
        {
            // A shard is a file of this folder and nothing else.
            if (System.IO.Path.GetFileName(shard) != shard || !File.Exists(System.IO.Path.Combine(folder, shard)))
            {
                throw new CheckpointException(index, $"names the shard {shard}, which is not in the folder; download all shards");
            }

            Add(System.IO.Path.Combine(folder, shard));
        }

        foreach (var (name, shard) in map)
        {
            if (!_tensors.TryGetValue(name, out var found) || System.IO.Path.GetFileName(found.File.Path) != shard)
            {
                throw new CheckpointException(index, $"tensor {name} is to be in {shard}, which does not hold it; download index and shards again");
            }
        }
    }

    private void Add(string path)
    {
        var file = MappedSafetensors.Open(path);
        _files.Add(file);
        foreach (var entry in file.Entries.Values)
        {
            if (!_tensors.TryAdd(entry.Name, (file, entry)))
            {
                throw new CheckpointException(path, $"tensor {entry.Name} is in {_tensors[entry.Name].File.Path} too; remove the file that does not belong here");
            }
        }
    }

    private static Dictionary<string, string> ReadIndex(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.GetProperty("weight_map").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CheckpointException(path, $"is no index of shards: {e.Message}", e);
        }
    }
}
