using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Families.SmolVlm;
using Streams.Processors.Captioning.Pipeline;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Gpu;

/// <summary>SmolVLM against the reference class on a GPU: in float32 to the golden tolerance, in bfloat16 within what its eight bits allow.</summary>
public sealed class GoldenOnCudaTests
{
    private const string Folder = "smolvlm_tiny";

    [CudaFact]
    public void Forward_Float32_EqualsTheReference() => AssertForward(ScalarType.Float32, 1e-4, 1e-4);

    [CudaFact]
    public void Forward_BFloat16_IsWithinItsPrecision() => AssertForward(ScalarType.BFloat16, 0.02, 0.03);

    [CudaFact]
    public void Decode_Float32_GivesTheReferenceIds()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        foreach (var name in new[] { "case_a_video3", "case_b_padded_image" })
        {
            var (model, config, expected) = Load(name, ScalarType.Float32);
            var ids = expected["greedy_ids"].data<long>().ToArray();
            var output = GreedyDecoder.Decode(model.Language, config.Text, Embed(model, config, expected, ScalarType.Float32), ids.Length, [], cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(ids, output[0].Select(token => (long)token.Id));
        }
    }

    // The reference's own tokens are fed: after a near tie that falls the other way, all later tokens would differ and say nothing.
    [CudaFact]
    public void Decode_BFloat16_GivesTheReferenceTokenWhereverItsMarginIsAboveTheRounding()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        var (model, config, expected) = Load("case_a_video3", ScalarType.BFloat16);
        var steps = expected["greedy_step_logits"];
        var ids = expected["greedy_ids"].data<long>().ToArray();
        var prompt = Embed(model, config, expected, ScalarType.BFloat16);
        var all = cat([prompt, model.Language.Embed(tensor(ids.AsSpan(0, ids.Length - 1).ToArray(), device: CUDA).unsqueeze(0))], 1);
        var logits = model.Language.forward(all).narrow(1, prompt.shape[1] - 1, ids.Length)[0].to(ScalarType.Float32).cpu();
        var margin = steps.view(ids.Length, -1).topk(2, -1).values;
        var checkedSteps = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            if ((margin[i, 0] - margin[i, 1]).item<float>() > 0.1)
            {
                checkedSteps++;
                Assert.Equal(ids[i], logits[i].argmax().item<long>());
            }
        }

        Assert.True(checkedSteps > ids.Length / 2, $"only {checkedSteps} steps have a margin");
    }

    private static void AssertForward(ScalarType type, double tolerance, double logitTolerance)
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        var (model, config, expected) = Load("case_a_video3", type);
        var pixels = expected["pixel_values"].flatten(0, 1).to(type).cuda();
        AssertNear(expected["connector.output"], model.VisualTokens(pixels), tolerance);
        var hidden = model.Language.Hidden(Embed(model, config, expected, type), null);
        AssertNear(expected["text.norm"], hidden, logitTolerance);
        AssertNear(expected["logits"], model.Language.Logits(hidden), logitTolerance);
    }

    // By the size of the whole: single numbers near zero keep few bits.
    private static void AssertNear(Tensor expected, Tensor actual, double tolerance)
    {
        var difference = (expected - actual.to(ScalarType.Float32).cpu()).norm().item<float>() / expected.norm().item<float>();
        Assert.True(difference <= tolerance, $"differs by {difference} of its norm, allowed {tolerance}");
    }

    private static Tensor Embed(VisionLanguageModel model, SmolVlmConfig config, IReadOnlyDictionary<string, Tensor> inputs, ScalarType type)
    {
        var mask = inputs.TryGetValue("pixel_attention_mask", out var pixels) ? model.Vision.Transformer.PatchMask(pixels.flatten(0, 1).cuda()) : null;
        var visual = model.VisualTokens(inputs["pixel_values"].flatten(0, 1).to(type).cuda(), mask);
        return model.Merge(inputs["input_ids"].cuda(), visual, config.ImageTokenId);
    }

    private static (VisionLanguageModel Model, SmolVlmConfig Config, IReadOnlyDictionary<string, Tensor> Expected) Load(string name, ScalarType type)
    {
        var folder = Path.Combine(Golden.Folder, Folder);
        var config = SmolVlmConfigReader.Read(folder);
        using var shards = CheckpointShards.Open(folder);
        return (SmolVlmSession.LoadModel(config, shards, TorchDevice.Resolve("cuda"), type), config, Golden.Tensors($"{Folder}/{name}.safetensors"));
    }
}
