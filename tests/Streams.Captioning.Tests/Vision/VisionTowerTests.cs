using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Vision;
using TorchSharp;

namespace Streams.Captioning.Tests.Vision;

public sealed class VisionTowerTests
{
    [Fact]
    public void HiddenStates_GoldenWeights_EqualTheReference()
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        var (tower, expected) = (Load(), Golden.Tensors("clip_vit_tiny/io.safetensors"));

        var states = tower.Transformer.HiddenStates(expected["pixel_values"]);

        for (var i = 0; i < states.Count; i++)
        {
            Golden.AssertClose(expected[$"hidden_states.{i}"], states[i]);
        }

        Golden.AssertClose(expected["last_hidden_state"], states[^1]);
        Golden.AssertClose(expected["pooler_output"], tower.Transformer.Pool(states[^1]));
    }

    [Fact]
    public void Forward_LargerImageThanTrained_InterpolatesPositionsLikeTheReference()
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        var (tower, expected) = (Load(), Golden.Tensors("clip_vit_tiny/io.safetensors"));

        Golden.AssertClose(expected["interp.pos_embedding"], tower.Transformer.Embeddings.Positions(10, 10).unsqueeze(0));
        Golden.AssertClose(expected["interp.last_hidden_state"], tower.forward(expected["interp.pixel_values"]));
    }

    internal static VisionTower Load()
    {
        var tower = new VisionTower(Golden.Config<VisionConfig>(Golden.Json("clip_vit_tiny/config.json")), LayerFactory.ForLoading(torch.CPU, torch.ScalarType.Float32));
        Golden.Fill(tower, "clip_vit_tiny/model.safetensors");
        return tower;
    }
}
