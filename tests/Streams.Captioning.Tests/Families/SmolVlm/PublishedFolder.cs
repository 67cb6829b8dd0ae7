using System.Text.Json.Nodes;
using Streams.Captioning.Tests.Tokenization;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Families.SmolVlm;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Families.SmolVlm;

/// <summary>A folder as Hugging Face publishes SmolVLM2, with random weights.</summary>
internal sealed class PublishedFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private PublishedFolder()
    {
    }

    public string Path => _folder.Path;

    /// <summary>A model of a few thousand weights with the golden tokenizer.</summary>
    public static PublishedFolder Tiny(ScalarType type = ScalarType.Float32, int seed = 1)
    {
        var folder = new PublishedFolder();
        folder.Write("config.json", """
            {
              "model_type": "smolvlm", "image_token_id": 518, "scale_factor": 2, "tie_word_embeddings": false,
              "vision_config": { "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 32, "patch_size": 8 },
              "text_config": {
                "model_type": "llama", "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 3, "num_key_value_heads": 1,
                "vocab_size": 528, "max_position_embeddings": 512, "rope_theta": 100000, "rms_norm_eps": 1e-5, "perceiver_config": {}, "_flash_attn_2_enabled": true
              }
            }
            """);
        folder.Write("generation_config.json", """{ "bos_token_id": 0, "eos_token_id": 519, "pad_token_id": 2 }""");
        folder.Write("preprocessor_config.json", """
            {
              "size": { "longest_edge": 64 }, "max_image_size": { "longest_edge": 32 }, "do_image_splitting": true, "resample": 1,
              "video_sampling": { "fps": 1, "max_frames": 4, "video_size": { "longest_edge": 32 } }
            }
            """);
        System.IO.File.Copy(TokenizerJsonTests.TinyPath, folder.File("tokenizer.json"));
        folder.WriteWeights(type, seed, shards: 1);
        return folder;
    }

    /// <summary>SmolVLM2 256M with all its widths and so many layers, in bfloat16, with a tokenizer of single bytes at the published ids.</summary>
    public static PublishedFolder Smol256(int visionLayers, int textLayers)
    {
        var folder = new PublishedFolder();
        folder.Write("config.json", $$"""
            {
              "model_type": "smolvlm", "image_token_id": 49190, "scale_factor": 4,
              "vision_config": { "hidden_size": 768, "image_size": 512, "patch_size": 16, "num_attention_heads": 12, "num_hidden_layers": {{visionLayers}} },
              "text_config": {
                "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": {{textLayers}}, "num_attention_heads": 9, "num_key_value_heads": 3, "head_dim": 64,
                "vocab_size": 49280, "max_position_embeddings": 8192, "rms_norm_eps": 1e-5, "rope_theta": 100000
              }
            }
            """);
        folder.Write("generation_config.json", """{ "eos_token_id": 49279 }""");
        folder.Write("preprocessor_config.json", """{ "do_image_splitting": false }""");
        folder.Write("tokenizer.json", ByteTokenizer().ToJsonString());
        folder.WriteWeights(ScalarType.BFloat16, seed: 4, shards: 2);
        return folder;
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Change(string file, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(System.IO.File.ReadAllText(File(file)))!;
        change(json);
        System.IO.File.WriteAllText(File(file), json.ToJsonString());
    }

    /// <summary>Rewrites the weights after a change to them.</summary>
    public void ChangeWeights(Action<Dictionary<string, Tensor>> change)
    {
        using var scope = NewDisposeScope();
        var tensors = SafetensorsFile.Read(File("model.safetensors")).ToDictionary();
        change(tensors);
        SafetensorsFile.Write(File("model.safetensors"), tensors.Select(entry => (entry.Key, entry.Value)), new Dictionary<string, string>());
    }

    /// <summary>All tensors, by name, in float32.</summary>
    public Dictionary<string, Tensor> Weights() => Directory.GetFiles(Path, "*.safetensors")
        .SelectMany(SafetensorsFile.Read)
        .ToDictionary(entry => entry.Key, entry => entry.Value.to(ScalarType.Float32));

    public void Dispose() => _folder.Dispose();

    private void WriteWeights(ScalarType type, int seed, int shards)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        manual_seed(seed);
        var config = SmolVlmConfigReader.Read(Path);
        using var model = new VisionLanguageModel(config.Vision, config.Connector, config.Text, LayerFactory.ForTraining);
        var tensors = model.named_parameters().Select(entry => (Name: ParameterNames.SmolVlm.InFile(entry.name), Tensor: (Tensor)entry.parameter)).ToList();
        // Norms and biases that are not 1 and 0, so that one forgotten or swapped shows.
        tensors.Where(entry => entry.Tensor.dim() == 1).ToList().ForEach(entry => entry.Tensor.add_(randn_like(entry.Tensor) * 0.1));
        if (shards == 1)
        {
            SafetensorsFile.Write(File("model.safetensors"), tensors, new Dictionary<string, string> { ["format"] = "pt" }, type);
            return;
        }

        var map = new JsonObject();
        foreach (var (part, number) in tensors.Chunk((tensors.Count / shards) + 1).Select((part, i) => (part, i + 1)))
        {
            var name = $"model-{number:00000}-of-{shards:00000}.safetensors";
            SafetensorsFile.Write(File(name), part, new Dictionary<string, string> { ["format"] = "pt" }, type);
            part.ToList().ForEach(entry => map[entry.Name] = name);
        }

        Write("model.safetensors.index.json", new JsonObject { ["weight_map"] = map }.ToJsonString());
    }

    private void Write(string name, string text) => System.IO.File.WriteAllText(File(name), text);

    // The added tokens stand where SmolLM2's do; between, only the 256 bytes.
    private static JsonObject ByteTokenizer()
    {
        var tiny = JsonNode.Parse(System.IO.File.ReadAllText(TokenizerJsonTests.TinyPath))!.AsObject();
        var bytes = tiny["model"]!["vocab"]!.AsObject().Where(entry => entry.Key.Length == 1).Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)(int)entry.Value!)).ToList();
        (string Name, int Id)[] added =
        [
            ("<|endoftext|>", 0), ("<|im_start|>", 1), ("<|im_end|>", 2), ("<global-img>", 49152),
            .. Enumerable.Range(0, 36).Select(i => ($"<row_{(i / 6) + 1}_col_{(i % 6) + 1}>", 49153 + i)),
            ("<fake_token_around_image>", 49189), ("<image>", 49190), ("<end_of_utterance>", 49279),
        ];
        tiny["added_tokens"] = new JsonArray([.. added.Select(JsonNode (token) => new JsonObject { ["id"] = token.Id, ["content"] = token.Name, ["special"] = true })]);
        tiny["model"]!["vocab"] = new JsonObject(bytes);
        tiny["model"]!["merges"] = new JsonArray();
        return tiny;
    }
}
