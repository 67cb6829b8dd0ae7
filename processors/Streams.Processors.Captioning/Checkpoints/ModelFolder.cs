using System.Text.Json;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Tokenization;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>A folder with config.json, tokenizer.json and model.safetensors.</summary>
internal static class ModelFolder
{
    public const string ConfigFile = "config.json";
    public const string TokenizerFile = "tokenizer.json";
    public const string WeightsFile = "model.safetensors";
    public const string MetricsFile = "metrics.json";

    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip,
        WriteIndented = true,
    };

    public static CaptionerConfig ReadConfig(string folder)
    {
        var path = Existing(folder, ConfigFile);
        try
        {
            return JsonSerializer.Deserialize<CaptionerConfig>(File.ReadAllBytes(path), Json)
                ?? throw new ModelConfigException("(root)", "is the JSON null; give an object");
        }
        catch (JsonException e)
        {
            throw new ModelConfigException(e.Path ?? "(root)", $"in {path}: {e.Message}", e);
        }
    }

    public static WordTokenizer ReadTokenizer(string folder) => WordTokenizer.Parse(File.ReadAllText(Existing(folder, TokenizerFile)));

    /// <exception cref="FileNotFoundException">The file is not in the folder.</exception>
    public static byte[] ReadFile(string folder, string file) => File.ReadAllBytes(Existing(folder, file));

    /// <param name="folder">A model folder.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="device">Where the weights go; the CPU when not given.</param>
    public static VisionLanguageModel ReadModel(string folder, CaptionerConfig config, Device? device = null)
    {
        var model = new VisionLanguageModel(config.VisionConfig, config.ConnectorConfig, config.TextConfig, LayerFactory.ForLoading(device ?? CPU, ScalarType.Float32));
        var path = Existing(folder, WeightsFile);
        using var scope = NewDisposeScope();
        Load(path, model.named_parameters().Select(entry => (ParameterNames.Mm1.InFile(entry.name), (Tensor)entry.parameter)), SafetensorsFile.Read(path));
        return model;
    }

    public static void Write(string folder, CaptionerConfig config, WordTokenizer tokenizer, VisionLanguageModel model)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, ConfigFile), JsonSerializer.Serialize(config, Json) + "\n");
        File.WriteAllText(Path.Combine(folder, TokenizerFile), tokenizer.ToJson() + "\n");
        SafetensorsFile.Write(
            Path.Combine(folder, WeightsFile),
            model.named_parameters().Select(entry => (ParameterNames.Mm1.InFile(entry.name), (Tensor)entry.parameter)),
            new Dictionary<string, string> { ["format"] = "pt", ["name"] = config.Name, ["version"] = config.Version });
    }

    /// <summary>Copies the tensors of a file into parameters; all must be there, none may be left over, shapes must agree.</summary>
    /// <exception cref="CheckpointException">A tensor is missing, unknown or of another shape.</exception>
    internal static void Load(string path, IEnumerable<(string Name, Tensor Parameter)> parameters, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var guard = no_grad();
        var known = new HashSet<string>();
        foreach (var (name, parameter) in parameters)
        {
            known.Add(name);
            if (!tensors.TryGetValue(name, out var tensor))
            {
                throw new CheckpointException(path, $"tensor {name} {Shape(parameter)} is missing; the file is of another model or config.json was changed");
            }

            if (!tensor.shape.SequenceEqual(parameter.shape))
            {
                throw new CheckpointException(path, $"tensor {name} is {Shape(tensor)}, config.json asks for {Shape(parameter)}; take the config.json that belongs to the file");
            }

            if (!tensor.isfinite().all().item<bool>())
            {
                throw new CheckpointException(
                    path, $"tensor {name} {Shape(tensor)} has values that are not finite; the file is damaged, or training went wrong: take an earlier one");
            }

            parameter.copy_(tensor);
        }

        if (tensors.Keys.FirstOrDefault(name => !known.Contains(name)) is { } extra)
        {
            throw new CheckpointException(path, $"tensor {extra} {Shape(tensors[extra])} has no place in the model of config.json; take the config.json that belongs to the file");
        }
    }

    private static string Existing(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing; give a model folder with {ConfigFile}, {TokenizerFile} and {WeightsFile}", path);
    }

    private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
