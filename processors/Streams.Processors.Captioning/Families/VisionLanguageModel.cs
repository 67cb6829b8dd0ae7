using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Vision;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Families;

/// <summary>
/// The design that MM1 (arXiv 2403.09611), Idefics3 and SmolVLM share: image encoder, connector, decoder. Frames of a clip are several
/// images of one sequence, each encoded by itself; time is their order.
/// </summary>
internal sealed class VisionLanguageModel : Module
{
    public VisionLanguageModel(VisionConfig vision, ConnectorConfig connector, TextConfig text, LayerFactory layers)
        : base(nameof(VisionLanguageModel))
    {
        Vision = new VisionTower(vision, layers);
        Connector = Connectors.Connector.Create(connector, layers);
        Language = new LlamaDecoder(text, layers);
        register_module("vision_tower", Vision);
        register_module("connector", Connector);
        register_module("language_model", Language);
    }

    public VisionTower Vision { get; }

    public Module<Tensor, Tensor> Connector { get; }

    public LlamaDecoder Language { get; }

    /// <summary>Images (N, 3, H, W) to visual tokens (N, queries, D). <paramref name="patchMask"/> (N, rows, columns) is true where there is image.</summary>
    public Tensor VisualTokens(Tensor pixels, Tensor? patchMask = null) => Connector.forward(Vision.PatchFeatures(pixels, patchMask));

    /// <summary>Embeddings of <paramref name="ids"/> with the visual tokens, in order, in the places of <paramref name="imageToken"/>.</summary>
    /// <exception cref="ArgumentException">Not as many places as visual tokens.</exception>
    public Tensor Merge(Tensor ids, Tensor visual, int imageToken) => Merge(ids, ids.eq(Scalars.Of(imageToken)).flatten().nonzero().squeeze(1), visual);

    /// <summary>The same where the places (visual tokens), counted through all of <paramref name="ids"/>, are known: a search would make the host wait for the device.</summary>
    /// <exception cref="ArgumentException">Not as many places as visual tokens.</exception>
    public Tensor Merge(Tensor ids, Tensor places, Tensor visual)
    {
        var (wanted, given) = (places.size(0), visual.size(0) * visual.size(1));
        if (wanted != given)
        {
            throw new ArgumentException($"the prompt has {wanted} places for visual tokens, the images give {given}", nameof(visual));
        }

        var embeddings = Language.Embed(ids);
        return embeddings.view(-1, embeddings.size(2)).index_copy(0, places, visual.reshape(-1, visual.size(2))).view(embeddings.shape);
    }

    /// <summary>What passes through the decoder are done by; null for torch alone.</summary>
    public CudaKernels? Kernels { get; private set; }

    /// <summary>Makes few and large steps of many small ones, for a loaded model on a GPU.</summary>
    /// <param name="kernels">Use kernels of our own where they are made for its type of weights and can be had. False: torch's alone.</param>
    public void Fuse(bool kernels)
    {
        var weight = parameters().First();
        Kernels = kernels && weight.dtype == ScalarType.BFloat16 ? CudaKernels.TryGet(weight.device) : null;
        foreach (var layer in modules().OfType<IFusable>())
        {
            layer.Fuse(Kernels);
        }
    }
}
