using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Vision;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Vision;

public sealed class ConvolutionStemTests
{
    // libtorch reads behind the channels that there are: what lies there is what freed memory last held.
    [Fact]
    public void Forward_MemoryThatHeldWhatIsNotANumber_GivesNumbers()
    {
        using var guard = no_grad();
        using var stem = new ConvolutionStem(Config, LayerFactory.ForTraining);
        for (var round = 0; round < 4; round++)
        {
            using var scope = NewDisposeScope();
            var pixels = rand(16, 3, 48, 48);
            var expected = Plain(stem, pixels.to(ScalarType.Float64));
            FillFreeMemory();

            var features = stem.forward(pixels);

            Assert.True(features.isfinite().all().item<bool>());
            Golden.AssertClose(expected.to(ScalarType.Float32), features);
        }
    }

    private static VisionConfig Config { get; } = new()
    {
        HiddenSize = 80,
        IntermediateSize = 320,
        NumHiddenLayers = 1,
        NumAttentionHeads = 4,
        ImageSize = 48,
        PatchSize = 8,
        LayerNormEps = 1e-5,
        HiddenAct = "gelu_pytorch_tanh",
        StemChannels = [16, 40],
    };

    // The same in 64 bits, for which libtorch has a convolution of its own.
    private static Tensor Plain(ConvolutionStem stem, Tensor features)
    {
        var parameters = stem.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.to(ScalarType.Float64));
        for (var i = 0; i < 3; i++)
        {
            features = nn.functional.conv2d(i == 0 ? features : nn.functional.silu(features), parameters[$"{i}.weight"], parameters[$"{i}.bias"], strides: [2, 2], padding: [1, 1]);
        }

        return features;
    }

    private static void FillFreeMemory()
    {
        var held = new List<Tensor>();
        for (var size = 16; size < 2_000_000; size = size * 3 / 2)
        {
            held.AddRange(Enumerable.Range(0, 4).Select(_ => full([size], double.NaN, ScalarType.Float32)));
        }

        held.ForEach(tensor => tensor.Dispose());
    }
}
