using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Decoder;

public sealed class MixtureOfExpertsTests
{
    private static readonly TextConfig Config = new()
    {
        HiddenSize = 24,
        IntermediateSize = 40,
        NumHiddenLayers = 4,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
        HeadDim = 6,
        VocabSize = 31,
        MaxPositionEmbeddings = 32,
        NumLocalExperts = 8,
    };

    [Fact]
    public void Forward_GoldenWeights_EqualsTheReference()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var experts = new MixtureOfExperts(Config, LayerFactory.ForLoading(CPU, ScalarType.Float32));
        Golden.Fill(experts, "moe_tiny/model.safetensors");
        var expected = Golden.Tensors("moe_tiny/io.safetensors");

        var (output, logits) = experts.forward(expected["hidden_states"]);

        Golden.AssertClose(expected["output"], output);
        Golden.AssertClose(expected["router_logits"], logits);
        Assert.Equal(expected["topk_indices"].data<long>().ToArray(), MixtureOfExperts.Route(logits, 2).Experts.contiguous().data<long>().ToArray());
        Golden.AssertClose(expected["load_balancing_loss"][0], RouterLosses.LoadBalancing([logits], 2));
        Golden.AssertClose(expected["router_z_loss"][0], RouterLosses.ZLoss([logits]));
        Golden.AssertClose(expected["load_balancing_loss_masked"][0], RouterLosses.LoadBalancing([logits], 2, expected["attention_mask"]));
    }

    [Fact]
    public void LoadBalancing_EvenLoad_IsTheNumberOfChoices()
    {
        using var scope = NewDisposeScope();
        // Four tokens, each sure of another pair of the eight experts.
        var logits = cat([.. Enumerable.Range(0, 4).Select(i => nn.functional.one_hot(tensor([2L * i, (2L * i) + 1]), 8).sum(0, keepdim: true) * 40f)], 0);

        Assert.Equal(2, RouterLosses.LoadBalancing([logits], 2).item<float>(), 1e-5);
    }

    [Fact]
    public void FromDense_BeforeAnyTraining_SaysWhatTheDenseModelSays()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        manual_seed(11);
        using var dense = new LlamaDecoder(Config with { NumLocalExperts = 0 }, LayerFactory.ForTraining);
        using var sparse = new LlamaDecoder(Config, LayerFactory.ForLoading(CPU, ScalarType.Float32));
        var tensors = SparseUpcycling.FromDense(dense.named_parameters().ToDictionary(entry => entry.name, entry => (Tensor)entry.parameter), Config, seed: 7);

        Processors.Captioning.Checkpoints.ModelFolder.Load("upcycled", sparse.named_parameters().Select(entry => (entry.name, (Tensor)entry.parameter)), tensors);

        var embeddings = randn(2, 9, Config.HiddenSize);
        Golden.AssertClose(dense.forward(embeddings), sparse.forward(embeddings), 1e-5);
        Assert.Equal([1, 3], Enumerable.Range(0, 4).Where(Config.IsSparse));
    }

    [Fact]
    public void Losses_OfARouterThatIsTrained_ReachItsWeights()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var sparse = new LlamaDecoder(Config, LayerFactory.ForTraining);
        var trace = new DecoderTrace();
        sparse.Hidden(randn(1, 6, Config.HiddenSize), null, trace);

        RouterLosses.Total(Config, trace.RouterLogits).backward();

        Assert.All(
            sparse.named_parameters().Where(entry => entry.name.EndsWith("gate.weight", StringComparison.Ordinal)),
            entry => Assert.True(entry.parameter.grad!.abs().sum().item<float>() > 0));
    }
}
