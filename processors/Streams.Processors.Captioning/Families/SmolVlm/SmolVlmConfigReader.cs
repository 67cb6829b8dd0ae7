using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Preprocessing;
using Streams.Processors.Captioning.Vision;

namespace Streams.Processors.Captioning.Families.SmolVlm;

/// <summary>
/// Reads config.json, generation_config.json and preprocessor_config.json. Published files leave out what equals the defaults of the
/// reference classes (SmolVLMConfig, SmolVLMVisionConfig, LlamaConfig, SmolVLMImageProcessor), so those defaults are here.
/// </summary>
internal static class SmolVlmConfigReader
{
    private static readonly string[] ModelTypes = ["smolvlm", "idefics3"];

    /// <exception cref="ModelConfigException">A field is missing, of the wrong kind, or asks for what is not built.</exception>
    public static SmolVlmConfig Read(string folder)
    {
        var root = JsonFields.Read(folder, ModelFolder.ConfigFile, optional: false);
        var type = root.Text("model_type", string.Empty);
        if (!ModelTypes.Contains(type))
        {
            throw root.Bad("model_type", $"is \"{type}\"; loadable are {string.Join(" and ", ModelTypes)}");
        }

        var tied = root.Flag("tie_word_embeddings", false);
        var vision = Vision(root.Object("vision_config"));
        var text = Text(root.Object("text_config"), tied);
        var scale = root.Int("scale_factor", 2);
        var generation = JsonFields.Read(folder, "generation_config.json", optional: true);
        return new SmolVlmConfig
        {
            ModelType = type,
            Vision = vision,
            Text = text,
            Connector = new ConnectorConfig
            {
                ProjectorType = ConnectorConfig.PixelShuffle,
                ScaleFactor = scale,
                EncoderHiddenSize = vision.HiddenSize,
                OutputHiddenSize = text.HiddenSize,
                NumInputTokens = vision.GridSize * vision.GridSize,
                NumQueryTokens = vision.GridSize * vision.GridSize / (scale * scale),
            },
            Images = Images(JsonFields.Read(folder, "preprocessor_config.json", optional: true), vision),
            ImageTokenId = root.Int("image_token_id", 128257, least: 0),
            EndTokenIds = generation.Ints("eos_token_id", root.Object("text_config").Ints("eos_token_id", [2])),
        };
    }

    private static VisionConfig Vision(JsonFields fields)
    {
        var config = new VisionConfig
        {
            HiddenSize = fields.Int("hidden_size", 1152),
            IntermediateSize = fields.Int("intermediate_size", 3072),
            NumHiddenLayers = fields.Int("num_hidden_layers", 12),
            NumAttentionHeads = fields.Int("num_attention_heads", 16),
            NumChannels = fields.Int("num_channels", 3),
            ImageSize = fields.Int("image_size", 224),
            PatchSize = fields.Int("patch_size", 32),
            LayerNormEps = fields.Number("layer_norm_eps", 1e-6),
            HiddenAct = fields.Text("hidden_act", "gelu_pytorch_tanh"),
        };
        Divides(fields, "num_attention_heads", config.NumAttentionHeads, "hidden_size", config.HiddenSize);
        // A remainder is cut off, as by the reference: 384 pixels in patches of 14 are 27 a side.
        return config.PatchSize <= config.ImageSize
            ? config.AsSiglip()
            : throw fields.Bad("patch_size", $"is {config.PatchSize}; give at most image_size {config.ImageSize}");
    }

    private static TextConfig Text(JsonFields fields, bool tied)
    {
        foreach (var (name, built) in new[] { ("attention_bias", false), ("mlp_bias", false) })
        {
            if (fields.Flag(name, built) != built)
            {
                throw fields.Bad(name, "is true; biases in the decoder are not built");
            }
        }

        if (fields.Has("rope_scaling"))
        {
            throw fields.Bad("rope_scaling", "is set; scaled rotary positions are not built");
        }

        if (fields.Text("hidden_act", "silu") != "silu")
        {
            throw fields.Bad("hidden_act", $"is \"{fields.Text("hidden_act", "silu")}\"; built is \"silu\"");
        }

        var (hidden, heads) = (fields.Int("hidden_size", 4096), fields.Int("num_attention_heads", 32));
        var config = new TextConfig
        {
            HiddenSize = hidden,
            IntermediateSize = fields.Int("intermediate_size", 11008),
            NumHiddenLayers = fields.Int("num_hidden_layers", 32),
            NumAttentionHeads = heads,
            NumKeyValueHeads = fields.Int("num_key_value_heads", heads),
            HeadDim = fields.Int("head_dim", Math.Max(1, hidden / heads)),
            VocabSize = fields.Int("vocab_size", 32000),
            MaxPositionEmbeddings = fields.Int("max_position_embeddings", 2048),
            RmsNormEps = fields.Number("rms_norm_eps", 1e-6),
            RopeTheta = fields.Number("rope_theta", 10_000),
            TieWordEmbeddings = tied,
        };
        Divides(fields, "num_key_value_heads", config.NumKeyValueHeads, "num_attention_heads", heads);
        return config.HeadDim % 2 == 0 ? config : throw fields.Bad("head_dim", $"is {config.HeadDim}; rotary positions turn pairs, so give an even number");
    }

    private static SmolVlmImageConfig Images(JsonFields fields, VisionConfig vision)
    {
        var tile = fields.Object("max_image_size").Int("longest_edge", vision.ImageSize);
        if (tile != vision.ImageSize)
        {
            throw fields.Object("max_image_size").Bad("longest_edge", $"is {tile}, the encoder takes {vision.ImageSize} pixels (vision_config.image_size); make them equal");
        }

        if (fields.Int("resample", 1, least: 0) != 1)
        {
            throw fields.Bad("resample", $"is {fields.Int("resample", 1, least: 0)}; built is 1, Lanczos");
        }

        var video = fields.Object("video_sampling");
        return new SmolVlmImageConfig
        {
            TileSize = tile,
            LongestEdge = fields.Object("size").Int("longest_edge", 4 * tile),
            SplitImages = fields.Flag("do_image_splitting", true),
            RescaleFactor = fields.Number("rescale_factor", 1 / 255.0),
            Mean = fields.Numbers("image_mean", [0.5f, 0.5f, 0.5f], 3),
            Deviation = fields.Numbers("image_std", [0.5f, 0.5f, 0.5f], 3),
            VideoFramesPerSecond = video.Number("fps", 1),
            MaxVideoFrames = video.Int("max_frames", 64),
            VideoLongestEdge = video.Object("video_size").Int("longest_edge", tile),
        };
    }

    private static void Divides(JsonFields fields, string name, int value, string wholeName, int whole)
    {
        if (whole % value != 0)
        {
            throw fields.Bad(name, $"is {value}; give a divisor of {wholeName} {whole}");
        }
    }
}
