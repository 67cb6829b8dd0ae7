using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Decoder;

public sealed class RootMeanSquareNormTests
{
    [Fact]
    public void Fused_AnyInput_EqualsTheStepByStepForm()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var norm = new RootMeanSquareNorm(48, 1e-5, LayerFactory.ForTraining);
        norm.parameters().Single().copy_(rand(48) + 0.5);
        var hidden = randn(3, 7, 48) * 4;

        Golden.AssertClose(norm.forward(hidden), norm.Fused(hidden), 1e-5);
        Golden.AssertClose(norm.forward(hidden.narrow(1, 2, 1)), norm.Fused(hidden.narrow(1, 2, 1)), 1e-5);
    }
}
