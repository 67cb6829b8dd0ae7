using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Layers;

public sealed class TorchScriptsTests
{
    [Fact]
    public void LinearGelu_Rows_IsTheProjectionsGelu()
    {
        using var scope = NewDisposeScope();
        var (hidden, weight, bias) = (randn(5, 8), randn(6, 8), randn(6));

        // Between the exact form and its approximation, which differ by less than this.
        Golden.AssertClose(nn.functional.gelu(nn.functional.linear(hidden, weight, bias)), TorchScripts.LinearGelu(hidden, weight, bias), 1e-3);
    }
}
