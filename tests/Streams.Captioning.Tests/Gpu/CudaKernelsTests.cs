using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Gpu;

/// <summary>Each kernel against the same formula in 32 bits on the CPU, at sizes of SmolVLM2 500M; and a model with all of them against one without.</summary>
public sealed class CudaKernelsTests
{
    private const int Heads = 15;
    private const int Shared = 5;
    private const int Size = CudaKernels.HeadSize;

    [CudaFact]
    public void TryGet_WhereTorchBringsTheCompiler_CompilesThem() => Assert.Equal("", CudaKernels.WhyNot(CUDA));

    [CudaFact]
    public void RmsNorm_RowsOfAllWidths_AsTheFormula()
    {
        using var scope = NewDisposeScope();
        foreach (var width in new[] { 8, 576, 960, 2048, 4096 })
        {
            var (hidden, weight) = (Random(37, width), Random(width));
            var wide = hidden.to(ScalarType.Float32);
            AssertNear(wide * (wide.square().mean([-1L], keepdim: true) + 1e-5).rsqrt() * weight.to(ScalarType.Float32), Kernels.RmsNorm(hidden.cuda(), weight.cuda(), 1e-5));
        }
    }

    [CudaFact]
    public void LayerNorm_RowsFarFromZero_AsTheFormula()
    {
        using var scope = NewDisposeScope();
        foreach (var width in new[] { 8, 768, 1152, 4096 })
        {
            var (hidden, weight, bias) = (Random(37, width) + 20, Random(width), Random(width));
            var expected = nn.functional.layer_norm(hidden.to(ScalarType.Float32), [width], weight.to(ScalarType.Float32), bias.to(ScalarType.Float32), 1e-6);
            AssertNear(expected, Kernels.LayerNorm(hidden.cuda(), weight.cuda(), bias.cuda(), 1e-6));
        }
    }

    [CudaFact]
    public void SiluTimes_Halves_AsTheFormula()
    {
        using var scope = NewDisposeScope();
        var halves = Random(3, 41, 2 * 2560);
        var wide = halves.to(ScalarType.Float32).chunk(2, -1);
        AssertNear(nn.functional.silu(wide[0]) * wide[1], Kernels.SiluTimes(halves.cuda()));
    }

    [CudaFact]
    public void RotateAndStore_PromptsAndSteps_RotatesInPlaceAndPutsWhereTheyBelong()
    {
        using var scope = NewDisposeScope();
        foreach (var (count, start) in new[] { (7, 3), (1, 0) })
        {
            var (batch, capacity) = (4, 16);
            var projected = Random(batch, count, Heads + (2 * Shared), Size);
            long[] places = [0, 5, 15, 9];
            var rows = count == 1 ? tensor(places) : (arange(count) + start).repeat(batch);
            using var table = new RotaryTable(Text, CPU);
            var (cosine, sine) = (table.Whole(16).Cosine.index_select(0, rows), table.Whole(16).Sine.index_select(0, rows));
            Tensor Angle(Tensor angles) => angles.view(batch, count, 1, Size);
            var rotated = RotaryTable.Rotate(projected.to(ScalarType.Float32), Angle(cosine), Angle(sine));
            var (keys, values) = (full([batch, Shared, capacity, Size], 7, ScalarType.BFloat16, CUDA), full([batch, Shared, capacity, Size], 7, ScalarType.BFloat16, CUDA));
            using var onDevice = new RotaryTable(Text, CUDA);

            var sent = projected.cuda();
            Kernels.RotateAndStore(sent, onDevice.Whole(16), new KeyValueBuffers(keys, values, count == 1 ? tensor(places, device: CUDA) : null, start), count, Heads);

            AssertNear(rotated.narrow(2, 0, Heads), sent.narrow(2, 0, Heads));
            for (var row = 0; row < batch; row++)
            {
                for (var i = 0; i < count; i++)
                {
                    var place = rows[(row * count) + i].item<long>();
                    AssertNear(rotated[row, i].narrow(0, Heads, Shared), keys[row].select(1, place));
                    Assert.True(Same(projected[row, i].narrow(0, Heads + Shared, Shared), values[row].select(1, place).cpu()));
                }
            }

            Assert.Equal(batch * (capacity - count) * Shared * Size, keys.eq(7).sum().item<long>()); // and nowhere else
        }
    }

    [CudaFact]
    public void DecodeAttention_SequencesOfAllLengths_AsTheFormulaAndBlindToWhatLiesBehind()
    {
        using var scope = NewDisposeScope();
        foreach (var (heads, shared) in new[] { (Heads, Shared), (9, 3), (4, 4), (8, 2), (8, 1), (4, 2) })
        {
            long[] places = [0, 1, 15, 63, 64, 200, 766, 767];
            var (batch, capacity) = (places.Length, 768);
            var projected = Random(batch, heads + (2 * shared), Size);
            var (keys, values) = (Random(batch, shared, capacity, Size), Random(batch, shared, capacity, Size));
            var expected = new List<Tensor>();
            for (var row = 0; row < batch; row++)
            {
                var held = places[row] + 1;
                Tensor Wide(Tensor buffer) => buffer[row].narrow(1, 0, held).to(ScalarType.Float32).repeat_interleave(heads / shared, 0);
                var query = projected[row].narrow(0, 0, heads).to(ScalarType.Float32).unsqueeze(1);
                expected.Add((query.matmul(Wide(keys).transpose(1, 2)) / Math.Sqrt(Size)).softmax(-1).matmul(Wide(values)).flatten());
                keys[row].narrow(1, held, capacity - held).fill_(double.NaN);
                values[row].narrow(1, held, capacity - held).fill_(double.NaN);
            }

            var buffers = new KeyValueBuffers(keys.cuda(), values.cuda(), tensor(places, device: CUDA), 0);
            var mixed = Kernels.DecodeAttention(projected.cuda(), buffers, heads);

            AssertNear(stack(expected), mixed);
            var alone = Kernels.DecodeAttention(projected.narrow(0, 5, 1).cuda(), new KeyValueBuffers(buffers.Keys.narrow(0, 5, 1), buffers.Values.narrow(0, 5, 1), tensor([200L], device: CUDA), 0), heads);
            Assert.True(Same(alone[0], mixed[5]));
        }
    }

    [CudaFact]
    public void Likeliest_TiesAndWhatIsNotANumber_TheFirstAndNotANumber()
    {
        using var scope = NewDisposeScope();
        var scores = Random(5, 49280) * 8;
        (scores[1, 777], scores[1, 40_001], scores[2, 49_279]) = (tensor(50f), tensor(50f), tensor(60f));
        scores[4, 5] = tensor(float.NaN);
        var (best, ids) = scores.to(ScalarType.Float32).log_softmax(-1).max(-1);

        var found = Kernels.Likeliest(scores.cuda()).cpu();

        Assert.Equal(ids.data<long>().Take(4).Select(id => (double)id), found[1].data<double>().Take(4));
        Assert.Equal(777, found[1, 1].item<double>());
        Assert.All(best.data<float>().Take(4).Zip(found[0].data<double>()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.True(double.IsNaN(found[0, 4].item<double>()));
    }

    [CudaFact]
    public void NormalizePixels_Bytes_TheBitsThatTorchGives()
    {
        using var scope = NewDisposeScope();
        var bytes = randint(0, 256, [3, 16, 24, 3], ScalarType.Byte, CUDA);
        var (mean, deviation) = (tensor([0.5f, 0.4f, 0.3f], device: CUDA), tensor([0.5f, 0.25f, 0.27f], device: CUDA));
        var expected = (((bytes.permute(0, 3, 1, 2).to(ScalarType.Float32) * (1 / 255.0)) - mean.view(1, 3, 1, 1)) / deviation.view(1, 3, 1, 1)).to(ScalarType.BFloat16);
        Assert.True(Same(expected, Kernels.NormalizePixels(bytes, mean, deviation, 1 / 255.0)));
    }

    // Not to the last bit: they round less often. Neither may be further from the same in 32 bits than bfloat16 is.
    [CudaFact]
    public void Fuse_WithKernelsOrWithout_AsNearToTheSameIn32Bits()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        using var wide = new LlamaDecoder(Text, LayerFactory.ForLoading(CPU, ScalarType.Float32));
        using var narrow = new LlamaDecoder(Text, LayerFactory.ForLoading(CUDA, ScalarType.BFloat16));
        foreach (var (from, to) in wide.parameters().Zip(narrow.parameters()))
        {
            from.copy_(from.dim() == 1 ? ones_like(from) : Random(from.shape).to(ScalarType.Float32) * 0.1f);
            to.copy_(from);
        }

        var prompt = Random(3, 21, Text.HiddenSize);
        var next = Random(3, 1, Text.HiddenSize);
        var (expectedPrompt, expectedNext) = Run(wide, CPU, ScalarType.Float32);
        var (torchPrompt, torchNext) = Run(narrow, CUDA, ScalarType.BFloat16);
        foreach (var layer in narrow.modules().OfType<IFusable>())
        {
            layer.Fuse(Kernels);
        }

        var (kernelPrompt, kernelNext) = Run(narrow, CUDA, ScalarType.BFloat16);
        Assert.InRange(Error(expectedPrompt, kernelPrompt), 0, Math.Min(0.03, 1.2 * Error(expectedPrompt, torchPrompt)));
        Assert.InRange(Error(expectedNext, kernelNext), 0, Math.Min(0.03, 1.2 * Error(expectedNext, torchNext)));
        Assert.False(Same(torchNext, kernelNext), "both went the same way");

        (Tensor Prompt, Tensor Next) Run(LlamaDecoder decoder, Device device, ScalarType type)
        {
            var held = new KeyValueCache(Text, 3, 21, device, type);
            var hidden = decoder.Hidden(prompt.to(type).to(device), held);
            using var slots = new SlotCache(Text, 4, 32, device, type);
            slots.Fill([0, 1, 2], held, [0, 1, 2]);
            var positions = tensor([21L, 21, 21], device: device);
            return (hidden, decoder.Step(next.to(type).to(device), slots.Step(0, positions)));
        }
    }

    private static TextConfig Text { get; } = new()
    {
        HiddenSize = 960,
        IntermediateSize = 2560,
        NumHiddenLayers = 3,
        NumAttentionHeads = Heads,
        NumKeyValueHeads = Shared,
        HeadDim = Size,
        VocabSize = 512,
        MaxPositionEmbeddings = 64,
        TieWordEmbeddings = true,
    };

    private static CudaKernels Kernels => CudaKernels.TryGet(CUDA)!;

    private static Tensor Random(params long[] shape) => (rand(shape) * 2 - 1).to(ScalarType.BFloat16);

    private static double Error(Tensor expected, Tensor actual) =>
        (expected - actual.to(ScalarType.Float32).cpu()).norm().item<float>() / expected.norm().item<float>();

    private static bool Same(Tensor expected, Tensor actual) => expected.eq(actual).all().item<bool>();

    private static void AssertNear(Tensor expected, Tensor actual) => Assert.InRange(Error(expected, actual), 0, 0.005);
}
