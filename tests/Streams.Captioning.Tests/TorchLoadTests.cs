using TorchSharp;

namespace Streams.Captioning.Tests;

public sealed class TorchLoadTests
{
    [Fact]
    public void Tensor_OnThisMachine_LoadsTheNativesAndAdds()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(6f, torch.tensor([1f, 2f, 3f]).sum().item<float>());
    }
}
