using System.Diagnostics;
using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Serving;
using static TorchSharp.torch;

namespace Streams.Benchmarks.Captioning;

/// <summary>The stages of a model on a GPU, each by itself, beside what the device can do at most.</summary>
internal sealed class GpuStages
{
    private readonly CaptioningSettings _settings;
    private readonly Device _device;

    public GpuStages(CaptioningSettings settings, Device device)
    {
        (_settings, _device) = (settings, device);
        (Flops, Bytes) = Ceilings(device);
    }

    /// <summary>Operations a second of large products in bfloat16.</summary>
    public double Flops { get; }

    /// <summary>Bytes a second of a copy, read and written.</summary>
    public double Bytes { get; }

    /// <summary>Each stage by itself, in one stream: what the device takes.</summary>
    public void Run(SmolShape shape, VisionLanguageModel model)
    {
        using var guard = inference_mode();
        using var scope = NewDisposeScope();
        var name = model.Kernels is null ? $"{shape.Name} by torch" : $"{shape.Name} with kernels";
        var perFrame = FramePower();
        var perToken = 2.0 * model.Language.parameters().Sum(parameter => parameter.numel());
        foreach (var batch in new[] { 8, 64 })
        {
            var pixels = randn([batch, 3, SmolShape.FrameSize, SmolShape.FrameSize], ScalarType.BFloat16, _device);
            var encode = Seconds(() => model.VisualTokens(pixels)) / batch;
            _settings.Say($"{name} encode {batch} frames at once: {1 / encode:0} frames/s, {perFrame / encode / Flops:0.00} of the products' ceiling");
        }

        if (model.Kernels is null)
        {
            Parts(model);
        }
        else
        {
            DecoderParts(shape, model);
        }

        foreach (var batch in new[] { 1, 8, 16 })
        {
            var prompt = randn([batch, GpuSection.PromptTokens, shape.Text.HiddenSize], ScalarType.BFloat16, _device);
            var prefill = Seconds(() => model.Language.Hidden(prompt, new KeyValueCache(shape.Text, batch, GpuSection.PromptTokens, _device, ScalarType.BFloat16))) / batch;
            _settings.Say($"{name} prefill {batch} x {GpuSection.PromptTokens}: {GpuSection.PromptTokens / prefill:0} tokens/s, {perToken * GpuSection.PromptTokens / prefill / Flops:0.00} of the products' ceiling");
        }

        foreach (var batch in new[] { 4, 64, 128, 256 })
        {
            using var cache = new SlotCache(shape.Text, batch, GpuSection.SlotTokens, _device, ScalarType.BFloat16);
            var served = new ServedModel
            {
                Name = shape.Name,
                Model = model,
                Text = shape.Text,
                ImageTokenId = GpuSection.ImageToken,
                EndTokenIds = [],
                Pixels = _ => throw new NotSupportedException("decoding needs no pictures"),
                ImageSize = SmolShape.FrameSize,
                Device = _device,
                Type = ScalarType.BFloat16,
                SlotTokens = GpuSection.SlotTokens,
                EncodeSizes = [1],
            };
            long[] ids = [.. Enumerable.Range(5, batch)], positions = [.. Enumerable.Repeat((long)GpuSection.PromptTokens, batch)];
            // What a step must read: the weights, two bytes each, and the slots' keys and values.
            var least = (perToken + (batch * (double)SlotCache.SlotBytes(shape.Text, GpuSection.SlotTokens, ScalarType.BFloat16))) / Bytes;
            foreach (var graphs in batch == 64 ? new[] { false, true } : [true])
            {
                using var step = new DecodeStep(served with { Graphs = graphs }, cache, 0, batch);
                var seconds = Seconds(() => step.Run(ids, positions));
                _settings.Say($"{name} decode {batch,3}{(graphs ? " as a graph" : "")}: {1000 * seconds:0.00} ms a step, {batch / seconds:0} tokens/s, {least / seconds:0.00} of the bandwidth's ceiling");
            }
        }
    }

    // Where the decoder's time goes: one layer's parts, for a step of 64 sequences and a prefill of 8 prompts, sent as graphs.
    private void DecoderParts(SmolShape shape, VisionLanguageModel model)
    {
        var (text, kernels) = (shape.Text, model.Kernels!);
        var (heads, shared, width, wide) = (text.NumAttentionHeads, text.NumKeyValueHeads, text.HiddenSize, text.IntermediateSize);
        Tensor Random(params long[] shape) => randn(shape, ScalarType.BFloat16, _device);
        var (qkv, output, gate, down) = (Random((heads + (2 * shared)) * 64, width), Random(width, heads * 64), Random(2 * wide, width), Random(width, wide));
        var head = Random(text.VocabSize, width);
        var rotary = new RotaryTable(text, _device);
        foreach (var (batch, count) in new[] { (64, 1), (8, GpuSection.PromptTokens) })
        {
            using var scope = NewDisposeScope();
            var rows = (long)batch * count;
            var (hidden, projected, halves) = (Random(rows, width), Random(rows, (heads + (2 * shared)) * 64), Random(rows, 2 * wide));
            var (mixed, product, weight) = (Random(rows, heads * 64), Random(rows, wide), Random(width));
            var positions = full([batch], GpuSection.PromptTokens, ScalarType.Int64, _device);
            var buffers = new KeyValueBuffers(Random(batch, shared, GpuSection.SlotTokens, 64), Random(batch, shared, GpuSection.SlotTokens, 64), count == 1 ? positions : null, 0);
            var query = projected.view(batch, count, -1, 64).narrow(2, 0, heads).transpose(1, 2);
            List<(string What, Action Run)> parts =
            [
                ("norm", () => kernels.RmsNorm(hidden, weight, 1e-5)),
                ("qkv", () => nn.functional.linear(hidden, qkv)),
                ("rotate and store", () => kernels.RotateAndStore(projected, rotary.Whole(0), buffers, count, heads)),
                ("attention", () => _ = count == 1
                    ? kernels.DecodeAttention(projected, buffers, heads)
                    : TorchScripts.GroupedCausalAttention(query, buffers.Keys.narrow(2, 0, count), buffers.Values.narrow(2, 0, count))),
                ("output", () => hidden.addmm_(mixed, output.t())),
                ("gate and up", () => nn.functional.linear(hidden, gate)),
                ("silu", () => kernels.SiluTimes(halves)),
                ("down", () => hidden.addmm_(product, down.t())),
            ];
            if (count == 1)
            {
                var scores = Random(batch, text.VocabSize);
                parts.AddRange([("head", () => nn.functional.linear(hidden, head)), ("likeliest", () => kernels.Likeliest(scores))]);
            }

            var times = parts.Select(part => FormattableString.Invariant($"{part.What} {1e6 * RecordedSeconds(part.Run):0.0}"));
            _settings.Say($"{shape.Name} decoder, {batch} x {count}, us a layer: {string.Join(", ", times)}");
        }
    }

    // Of one of many in a graph: small kernels take less time than sending them.
    private double RecordedSeconds(Action run)
    {
        const int Times = 20;
        using var graph = CudaGraph.Record(_device, () =>
        {
            for (var i = 0; i < Times; i++)
            {
                using var scope = NewDisposeScope();
                run();
            }
        });
        return Seconds(graph.Replay) / Times;
    }

    // Where the encoder's time goes: one layer's parts, for 64 frames.
    private void Parts(VisionLanguageModel model)
    {
        var pixels = randn([64, 3, SmolShape.FrameSize, SmolShape.FrameSize], ScalarType.BFloat16, _device);
        var hidden = randn([64, 1024, 768], ScalarType.BFloat16, _device);
        var wide = randn([64, 1024, 3072], ScalarType.BFloat16, _device);
        var all = randn([64, 1024, 3 * 768], ScalarType.BFloat16, _device);
        Tensor Heads(int third) => all.narrow(2, third * 768, 768).view(64, 1024, 12, 64).transpose(1, 2);
        var (up, bias) = (randn([3072, 768], ScalarType.BFloat16, _device), randn([3072], ScalarType.BFloat16, _device));
        var norm = randn([768], ScalarType.BFloat16, _device);
        var patches = 1000 * Seconds(() => model.Vision.Transformer.Embeddings.forward(pixels, null));
        var attention = 1000 * Seconds(() => nn.functional.scaled_dot_product_attention(Heads(0), Heads(1), Heads(2)).transpose(1, 2).reshape(64, 1024, 768));
        var product = 1000 * Seconds(() => Projections.AsRows(hidden, rows => nn.functional.linear(rows, up, bias)));
        var gelu = 1000 * Seconds(() => nn.functional.gelu(wide, TorchSharp.Modules.GELU.Approximate.tanh, inplace: false));
        var normalise = 1000 * Seconds(() => nn.functional.layer_norm(hidden, [768], norm, norm, 1e-6));
        var kernels = CudaKernels.TryGet(_device);
        var ours = kernels is null ? double.NaN : 1000 * Seconds(() => kernels.LayerNorm(hidden, norm, norm, 1e-6));
        var add = 1000 * Seconds(() => hidden.add(hidden));
        _settings.Say($"encoder, 64 frames: patches {patches:0.00} ms; of each of 12 layers attention {attention:0.00}, one of the MLP's two products {product:0.00}, gelu {gelu:0.00}, one of two norms {normalise:0.00} (by a kernel of our own {ours:0.00}), one of two sums {add:0.00} ms");
    }

    // Of SigLIP's products and attention, a frame.
    private static double FramePower()
    {
        var (tokens, width, wide) = (1024.0, (double)SmolShape.Vision.HiddenSize, (double)SmolShape.Vision.IntermediateSize);
        var layer = (2 * tokens * ((4 * width * width) + (2 * width * wide))) + (4 * tokens * tokens * width);
        return (SmolShape.Vision.NumHiddenLayers * layer) + (2 * tokens * width * width);
    }

    private static (double Flops, double Bytes) Ceilings(Device device)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (randn([8192, 8192], ScalarType.BFloat16, device), randn([8192, 8192], ScalarType.BFloat16, device));
        var product = Seconds(() => a.matmul(b));
        var large = rand([1L << 31], ScalarType.BFloat16, device);
        var target = empty_like(large);
        var copy = Seconds(() => target.copy_(large));
        return (2 * Math.Pow(8192, 3) / product, 2.0 * large.numel() * 2 / copy);
    }

    private static double Seconds(Action run)
    {
        const int Repeats = 10;
        void Many(int times)
        {
            for (var i = 0; i < times; i++)
            {
                using var scope = NewDisposeScope();
                run();
            }

            cuda.synchronize();
        }

        Many(3);
        var best = double.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            var began = Stopwatch.GetTimestamp();
            Many(Repeats);
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalSeconds / Repeats);
        }

        return best;
    }
}
