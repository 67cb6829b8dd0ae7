using Streams.Processors.Captioning.Families.SmolVlm;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Streams.Captioning.Tests.Families.SmolVlm;

/// <summary>
/// SmolVLM once more, from its formulas and a dictionary of tensors: no modules, no cache, no fused attention. What the product computes
/// is held against it at shapes for which there are no golden vectors.
/// </summary>
internal sealed class HandForward(SmolVlmConfig config, IReadOnlyDictionary<string, Tensor> weights)
{
    private const string Text = "model.text_model.";
    private const string Vision = "model.vision_model.";

    /// <summary>Logits of the last position, for ids (N) and pictures (tiles, 3, H, W).</summary>
    public Tensor LastLogits(long[] ids, Tensor pixels)
    {
        var embeddings = weights[Text + "embed_tokens.weight"][tensor(ids)];
        var visual = Shuffle(Encode(pixels)).matmul(weights["model.connector.modality_projection.proj.weight"].t()).reshape(-1, config.Text.HiddenSize);
        var next = 0;
        var rows = ids.Select((id, i) => id == config.ImageTokenId ? visual[next++] : embeddings[i]).ToList();
        return Decode(stack(rows, 0))[-1].matmul(weights["lm_head.weight"].t());
    }

    private Tensor Encode(Tensor pixels)
    {
        var c = config.Vision;
        var x = F.conv2d(pixels, weights[Vision + "embeddings.patch_embedding.weight"], weights[Vision + "embeddings.patch_embedding.bias"], strides: [c.PatchSize, c.PatchSize]);
        x = x.flatten(2).transpose(1, 2) + weights[Vision + "embeddings.position_embedding.weight"];
        for (var layer = 0; layer < c.NumHiddenLayers; layer++)
        {
            var p = $"{Vision}encoder.layers.{layer}.";
            var h = Norm(x, p + "layer_norm1");
            Tensor Heads(string name) => Linear(h, $"{p}self_attn.{name}_proj").view(x.shape[0], x.shape[1], c.NumAttentionHeads, -1).transpose(1, 2);
            var scores = (Heads("q").matmul(Heads("k").transpose(2, 3)) / Math.Sqrt(c.HiddenSize / c.NumAttentionHeads)).softmax(-1);
            x = x + Linear(scores.matmul(Heads("v")).transpose(1, 2).reshape(x.shape), p + "self_attn.out_proj");
            h = Linear(Norm(x, p + "layer_norm2"), p + "mlp.fc1");
            x = x + Linear(h * 0.5 * (1 + (Math.Sqrt(2 / Math.PI) * (h + (0.044715 * h.pow(3)))).tanh()), p + "mlp.fc2");
        }

        return Norm(x, Vision + "post_layernorm");
    }

    // Token (r, c) is the s x s patches below it, row by row, put one after another.
    private Tensor Shuffle(Tensor patches)
    {
        var (scale, side) = (config.Connector.ScaleFactor, config.Vision.GridSize);
        var tokens = new List<Tensor>();
        for (var row = 0; row < side; row += scale)
        {
            for (var column = 0; column < side; column += scale)
            {
                tokens.Add(cat([.. Enumerable.Range(0, scale * scale).Select(i => patches.select(1, ((row + (i / scale)) * side) + column + (i % scale)))], -1));
            }
        }

        return stack(tokens, 1);
    }

    private Tensor Decode(Tensor x)
    {
        var c = config.Text;
        var count = x.shape[0];
        var half = c.HeadDim / 2;
        var angles = arange(count, dtype: ScalarType.Float32).unsqueeze(1) * pow(c.RopeTheta, arange(half, dtype: ScalarType.Float32) * -2 / c.HeadDim);
        var (cosine, sine) = (angles.cos(), angles.sin());
        Tensor Turn(Tensor heads)
        {
            var (first, second) = (heads.narrow(-1, 0, half), heads.narrow(-1, half, half));
            return cat([(first * cosine) - (second * sine), (second * cosine) + (first * sine)], -1);
        }

        var future = full([count, count], float.NegativeInfinity).triu(1);
        for (var layer = 0; layer < c.NumHiddenLayers; layer++)
        {
            var p = $"{Text}layers.{layer}.";
            var h = Rms(x, p + "input_layernorm.weight");
            Tensor Heads(string name, int heads) => h.matmul(weights[$"{p}self_attn.{name}_proj.weight"].t()).view(count, heads, c.HeadDim).transpose(0, 1);
            var (queries, keys, values) = (Turn(Heads("q", c.NumAttentionHeads)), Turn(Heads("k", c.NumKeyValueHeads)), Heads("v", c.NumKeyValueHeads));
            var mixed = Enumerable.Range(0, c.NumAttentionHeads).Select(head =>
            {
                var group = head / (c.NumAttentionHeads / c.NumKeyValueHeads);
                return ((queries[head].matmul(keys[group].t()) / Math.Sqrt(c.HeadDim)) + future).softmax(-1).matmul(values[group]);
            });
            x = x + cat([.. mixed], -1).matmul(weights[p + "self_attn.o_proj.weight"].t());
            h = Rms(x, p + "post_attention_layernorm.weight");
            var (gate, up) = (h.matmul(weights[p + "mlp.gate_proj.weight"].t()), h.matmul(weights[p + "mlp.up_proj.weight"].t()));
            x = x + (gate * gate.sigmoid() * up).matmul(weights[p + "mlp.down_proj.weight"].t());
        }

        return Rms(x, Text + "norm.weight");
    }

    private Tensor Linear(Tensor x, string name) => x.matmul(weights[name + ".weight"].t()) + weights[name + ".bias"];

    private Tensor Norm(Tensor x, string name)
    {
        var centred = x - x.mean([-1L], keepdim: true);
        return (centred / (centred.square().mean([-1L], keepdim: true) + config.Vision.LayerNormEps).sqrt() * weights[name + ".weight"]) + weights[name + ".bias"];
    }

    private Tensor Rms(Tensor x, string name) => x / (x.square().mean([-1L], keepdim: true) + config.Text.RmsNormEps).sqrt() * weights[name];
}
