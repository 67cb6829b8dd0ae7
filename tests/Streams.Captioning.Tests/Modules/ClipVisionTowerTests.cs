using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Modules;
using TorchSharp;

namespace Streams.Captioning.Tests.Modules;

public sealed class ClipVisionTowerTests
{
    [Fact]
    public void HiddenStates_GoldenWeights_EqualTheReference()
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        var (tower, expected) = (Load(), Golden.Tensors("clip_vit_tiny/io.safetensors"));

        var states = tower.HiddenStates(expected["pixel_values"]);

        for (var i = 0; i < states.Count; i++)
        {
            Golden.AssertClose(expected[$"hidden_states.{i}"], states[i]);
        }

        Golden.AssertClose(expected["last_hidden_state"], states[^1]);
        Golden.AssertClose(expected["pooler_output"], tower.Pool(states[^1]));
    }

    [Fact]
    public void Forward_LargerImageThanTrained_InterpolatesPositionsLikeTheReference()
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        var (tower, expected) = (Load(), Golden.Tensors("clip_vit_tiny/io.safetensors"));

        Golden.AssertClose(expected["interp.last_hidden_state"], tower.forward(expected["interp.pixel_values"]));
    }

    internal static ClipVisionTower Load()
    {
        var tower = new ClipVisionTower(Golden.Config<VisionConfig>(Golden.Json("clip_vit_tiny/config.json")));
        ModelFolder.Load("clip", tower.named_parameters().Select(entry => (entry.name, (torch.Tensor)entry.parameter)), Golden.Tensors("clip_vit_tiny/model.safetensors"));
        return tower;
    }
}
