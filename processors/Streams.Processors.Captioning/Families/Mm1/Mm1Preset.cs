using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Vision;

namespace Streams.Processors.Captioning.Families.Mm1;

/// <summary>The sizes of a published model of the family.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Vision">CLIP ViT-H/14, trained at 378 pixels.</param>
/// <param name="Connector">C-Abstractor to 144 tokens a sub-image.</param>
/// <param name="Text">
/// The decoder. Its layers, widths and heads are not published: these are stand-ins that meet the published totals, dense and sparse.
/// </param>
/// <param name="Splitting">How pictures are cut.</param>
internal sealed record Mm1Preset(string Name, VisionConfig Vision, ConnectorConfig Connector, TextConfig Text, SplittingConfig Splitting)
{
    private const int Context = 4096;
    private const int Vocabulary = 32_000;
    private const int ImageTokens = 144;

    private static readonly VisionConfig HugeVision = new()
    {
        HiddenSize = 1280,
        IntermediateSize = 5120,
        NumHiddenLayers = 32,
        NumAttentionHeads = 16,
        ImageSize = 378,
        PatchSize = 14,
    };

    // MM1 was tuned at 1344 pixels: a static grid of 2 x 2 cells of 672 and the overview.
    private static readonly SplittingConfig Static = new() { Mode = SplittingMode.Static, Indicator = PositionIndicator.None };
    private static readonly SplittingConfig Dynamic = new();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Mm1Preset> All { get; } =
    [
        Create("mm1-3b", 32, 2560, 20, 7936, Static),
        Create("mm1-7b", 28, 4096, 32, 15104, Static),
        Create("mm1-30b", 48, 7168, 56, 20480, Static),
        Create("mm1-3b-moe", 32, 2560, 20, 7936, Static, experts: 64, period: 2),
        Create("mm1-7b-moe", 28, 4096, 32, 15104, Static, experts: 32, period: 4),
        Create("mm1.5-1b", 24, 2048, 16, 5632, Dynamic),
        Create("mm1.5-3b", 32, 2560, 20, 7936, Dynamic),
        Create("mm1.5-7b", 28, 4096, 32, 15104, Dynamic),
        Create("mm1.5-30b", 48, 7168, 56, 20480, Dynamic),
        Create("mm1.5-1b-moe", 24, 2048, 16, 5632, Dynamic, experts: 64, period: 2),
        Create("mm1.5-3b-moe", 32, 2560, 20, 7936, Dynamic, experts: 64, period: 2),
    ];

    /// <exception cref="ArgumentException">No preset has that name.</exception>
    public static Mm1Preset Find(string name) => All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new ArgumentException($"\"{name}\" is not one of {string.Join(", ", All.Select(preset => preset.Name))}", nameof(name));

    /// <summary>The model. With <see cref="LayerFactory.Meta"/> it takes no memory, with <see cref="LayerFactory.ForLoading"/> no initialising.</summary>
    public VisionLanguageModel CreateModel(LayerFactory layers) => new(Vision, Connector, Text, layers);

    private static Mm1Preset Create(string name, int depth, int width, int heads, int intermediate, SplittingConfig splitting, int experts = 0, int period = 2) => new(
        name,
        HugeVision,
        new ConnectorConfig { EncoderHiddenSize = HugeVision.HiddenSize, OutputHiddenSize = width, NumQueryTokens = ImageTokens, NumInputTokens = HugeVision.GridSize * HugeVision.GridSize },
        new TextConfig
        {
            HiddenSize = width,
            IntermediateSize = intermediate,
            NumHiddenLayers = depth,
            NumAttentionHeads = heads,
            NumKeyValueHeads = heads,
            HeadDim = width / heads,
            VocabSize = Vocabulary,
            MaxPositionEmbeddings = Context,
            TieWordEmbeddings = true,
            NumLocalExperts = experts,
            ExpertLayerPeriod = period,
        },
        splitting);
}
