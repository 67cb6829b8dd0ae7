using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Prompting;
using Streams.Processors.Captioning.Tokenization;
using Streams.Schemas.Frames;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Families.SmolVlm;

/// <summary>A loaded SmolVLM or Idefics3: conversations in, tokens out. Belongs to one caller at a time.</summary>
internal sealed class SmolVlmSession : IDisposable
{
    private const int TilesAtOnce = 8; // bounds the encoder's memory, however many pictures a prompt has
    private readonly SmolVlmPrompt _prompt;

    private SmolVlmSession(SmolVlmConfig config, VisionLanguageModel model, BytePairTokenizer tokenizer, Device device, ScalarType type)
    {
        (Config, Model, Tokenizer, Device, Type) = (config, model, tokenizer, device, type);
        Pixels = new PixelTensors(config.Images, device, model.Kernels);
        _prompt = new SmolVlmPrompt(config.Images, config.Connector.NumQueryTokens, tokenizer.Added);
    }

    public SmolVlmConfig Config { get; }

    public VisionLanguageModel Model { get; }

    public BytePairTokenizer Tokenizer { get; }

    /// <summary>Tiles to what the encoder reads.</summary>
    public PixelTensors Pixels { get; }

    public Device Device { get; }

    public ScalarType Type { get; }

    /// <exception cref="CheckpointException">The weights do not fit.</exception>
    /// <exception cref="ModelConfigException">The configuration cannot be built.</exception>
    /// <exception cref="TokenizerException">The tokenizer cannot be read, or has another vocabulary.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    public static SmolVlmSession Load(string folder, CheckpointShards shards, Device device, ScalarType type, bool kernels)
    {
        var config = SmolVlmConfigReader.Read(folder);
        var tokenizer = ReadTokenizer(folder, config);
        var model = LoadModel(config, shards, device, type, kernels);
        return new SmolVlmSession(config, model, tokenizer, device, type);
    }

    /// <summary>The model alone, filled from <paramref name="shards"/>.</summary>
    internal static VisionLanguageModel LoadModel(SmolVlmConfig config, CheckpointShards shards, Device device, ScalarType type, bool kernels = true)
    {
        var model = new VisionLanguageModel(config.Vision, config.Connector, config.Text, LayerFactory.ForLoading(device, type));
        try
        {
            var parameters = model.named_parameters().Select(entry => (ParameterNames.SmolVlm.InFile(entry.name), (Tensor)entry.parameter.requires_grad_(false))).ToList();
            CheckpointLoader.Load(shards, parameters, config.Text.TieWordEmbeddings ? ["lm_head.weight"] : []);
            model.eval();
            if (device.type == DeviceType.CUDA)
            {
                model.Fuse(kernels);
            }

            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The model's answers to conversations, all in one batch.</summary>
    /// <exception cref="PromptTooLongException">A conversation and its answer do not fit the context.</exception>
    public IReadOnlyList<(int Id, double LogProbability)[]> Generate(IReadOnlyList<IReadOnlyList<ChatMessage>> conversations, int maxNewTokens, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        var prompts = conversations.Select(conversation => Tokenize(conversation, maxNewTokens)).ToList();
        var embedded = prompts.Select(prompt => Embed(prompt.Ids, prompt.Tiles, cancellation)).ToList();
        var (embeddings, mask) = LeftPadding.Stack(embedded);
        return GreedyDecoder.Decode(Model.Language, Config.Text, embeddings, maxNewTokens, Config.EndTokenIds, mask, cancellation);
    }

    /// <summary>Ids of a conversation, and the tiles that its image tokens stand for.</summary>
    internal (IReadOnlyList<int> Ids, IReadOnlyList<RgbFrame> Tiles) Tokenize(IReadOnlyList<ChatMessage> conversation, int maxNewTokens)
    {
        var (text, tiles) = _prompt.Render(conversation);
        var ids = Tokenizer.Encode(text);
        // Asked before the encoder runs: it is most of the work.
        return ids.Count + maxNewTokens <= Config.Text.MaxPositionEmbeddings
            ? (ids, tiles)
            : throw new PromptTooLongException(ids.Count + maxNewTokens, Config.Text.MaxPositionEmbeddings);
    }

    /// <summary>The same for one turn of a conversation that never ends: its first, or one that follows an answer.</summary>
    internal (IReadOnlyList<int> Ids, IReadOnlyList<RgbFrame> Tiles) TokenizeTurn(ChatMessage turn, bool first)
    {
        var (text, tiles) = first ? _prompt.Render([turn]) : _prompt.RenderNext(turn);
        return (Tokenizer.Encode(text), tiles);
    }

    /// <summary>Embeddings (1, N, D) of a prompt, its pictures in their places.</summary>
    internal Tensor Embed(IReadOnlyList<int> ids, IReadOnlyList<RgbFrame> tiles, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var prompt = tensor([.. ids.Select(id => (long)id)], device: Device).unsqueeze(0);
        if (tiles.Count == 0)
        {
            return Model.Language.Embed(prompt).MoveToOuterDisposeScope();
        }

        var visual = tiles.Chunk(TilesAtOnce).Select(chunk => Encode(chunk, cancellation)).ToList();
        return Model.Merge(prompt, cat(visual, 0), Config.ImageTokenId).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Model.Dispose();
        Pixels.Dispose();
    }

    private Tensor Encode(IReadOnlyList<RgbFrame> tiles, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        return Model.VisualTokens(Pixels.Normalize(tiles, Type)).MoveToOuterDisposeScope();
    }

    private static BytePairTokenizer ReadTokenizer(string folder, SmolVlmConfig config)
    {
        var tokenizer = TokenizerJson.Parse(ModelFolder.ReadFile(folder, ModelFolder.TokenizerFile));
        if (tokenizer.Count > config.Text.VocabSize)
        {
            throw new TokenizerException($"has ids up to {tokenizer.Count - 1}, text_config.vocab_size is {config.Text.VocabSize}; take the tokenizer.json that belongs to the model");
        }

        var image = tokenizer.Id(SmolVlmPrompt.ImageToken);
        return image == config.ImageTokenId
            ? tokenizer
            : throw new TokenizerException($"{SmolVlmPrompt.ImageToken} is {image}, image_token_id of config.json is {config.ImageTokenId}; take the files that belong together");
    }
}
