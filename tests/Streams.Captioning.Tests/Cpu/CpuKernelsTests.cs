using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Cpu;
using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Cpu;

public sealed class CpuKernelsTests
{
    public CpuKernelsTests() => Assert.SkipUnless(Avx512F.IsSupported, "needs a processor with AVX-512");

    [Theory]
    [InlineData(16, 36, 4, 20, false)]
    [InlineData(2, 81, 4, 24, true)]
    [InlineData(1, 4, 1, 16, true)]
    [InlineData(3, 7, 2, 33, false)]
    [InlineData(2, 130, 3, 64, true)]
    public void Attention_HeadsSplitFromOneProjection_AsTorchs(int batch, int tokens, int heads, int size, bool causal)
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(1);
        var all = randn(batch, tokens, 3 * heads * size) * 3;
        Tensor Part(int i) => all.narrow(2, i * heads * size, heads * size).view(batch, tokens, heads, size).transpose(1, 2);

        var mixed = CpuAttention.TryApply(Part(0), Part(1), Part(2), causal)!;

        // As near to the same in 64 bits as torch's in 32, or nearly so.
        Tensor Wide(int i) => Part(i).to(ScalarType.Float64);
        var exact = nn.functional.scaled_dot_product_attention(Wide(0), Wide(1), Wide(2), is_casual: causal);
        double Off(Tensor found) => (found.to(ScalarType.Float64) - exact).abs().max().item<double>();
        var torchs = Off(nn.functional.scaled_dot_product_attention(Part(0), Part(1), Part(2), is_casual: causal));
        Assert.True(Off(mixed) <= (2 * torchs) + 1e-6, $"{Off(mixed)} off, torch's {torchs}");
    }

    [Fact]
    public void Attention_LastQueriesOfMoreKeys_SeeThemUpToTheirOwn()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(2);
        var (query, key, value) = (randn(2, 3, 5, 24), randn(2, 3, 61, 24), randn(2, 3, 61, 24));
        var mask = ones(5, 61, dtype: ScalarType.Bool).tril(56);

        Golden.AssertClose(
            nn.functional.scaled_dot_product_attention(query, key, value, mask), CpuAttention.TryApply(query, key, value, causal: true)!, 1e-6);
    }

    [Fact]
    public void Attention_OneItemIsNotANumber_TheOthersAre()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        var tokens = randn(3, 2, 36, 20);
        tokens[1, 0, 35, 19] = float.NaN;

        var finite = CpuAttention.TryApply(tokens, tokens, tokens, causal: false)!.isfinite();

        Assert.True(finite[0].all().item<bool>());
        Assert.False(finite[1, 0].any().item<bool>());
        Assert.True(finite[1, 1].all().item<bool>());
        Assert.True(finite[2].all().item<bool>());
    }

    [Fact]
    public void Attention_NotMadeForThem_LeavesThemToTorch()
    {
        using var scope = NewDisposeScope();
        var tokens = randn(1, 2, 36, 20);
        Assert.Null(CpuAttention.TryApply(tokens, tokens, tokens, causal: false)); // gradients may be wanted

        using var guard = inference_mode();
        Tensor?[] results =
        [
            CpuAttention.TryApply(tokens.to(ScalarType.BFloat16), tokens, tokens, causal: false),
            CpuAttention.TryApply(tokens.transpose(2, 3), tokens, tokens, causal: false),
            CpuAttention.TryApply(tokens.narrow(2, 0, 1), tokens, tokens, causal: false),
            CpuAttention.TryApply(tokens, tokens.narrow(2, 0, 8), tokens.narrow(2, 0, 8), causal: true),
        ];
        Assert.All(results, Assert.Null);
    }

    [Fact]
    public void TanhGelu_AllMagnitudes_AsTorchs()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        var numbers = cat([linspace(-12, 12, 1003), tensor([-1e30f, 0f, -0f, 1e30f, float.PositiveInfinity])], 0);
        var expected = nn.functional.gelu(numbers, GELU.Approximate.tanh, inplace: false);

        Assert.True((CpuActivations.Apply<CpuActivations.TanhGelu>(numbers.clone()) - expected).narrow(0, 0, 1003).abs().max().item<float>() < 2e-6);
        Assert.Equal([0f, 0f, 0f, 1e30f, float.PositiveInfinity], CpuActivations.Apply<CpuActivations.TanhGelu>(numbers.clone()).narrow(0, 1003, 5).data<float>().Select(number => number == 0 ? 0f : number));
        Assert.True(float.IsNaN(CpuActivations.Apply<CpuActivations.TanhGelu>(tensor([float.NaN])).item<float>()));
    }

    [Fact]
    public void TanhGelu_NumberAtTheEndOrWithin_RoundedAlike()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(5);
        var numbers = randn(40);

        Assert.True(CpuActivations.Apply<CpuActivations.TanhGelu>(numbers.clone()).narrow(0, 0, 37).eq(CpuActivations.Apply<CpuActivations.TanhGelu>(numbers.narrow(0, 0, 37).clone())).all().item<bool>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Norms_RowsFarFromZero_AsTheFormula(double mean)
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(7);
        var (hidden, weight, bias) = ((randn(2, 33, 96) * 2) + mean, randn(96), randn(96));
        var wide = hidden.to(ScalarType.Float64);

        var layer = nn.functional.layer_norm(wide, [96], weight.to(ScalarType.Float64), bias.to(ScalarType.Float64), 1e-5).to(ScalarType.Float32);
        Golden.AssertClose(layer, CpuKernels.TryLayerNorm(hidden, weight, bias, 1e-5)!, 2e-4);
        var root = (wide * (wide * wide).mean([-1L], keepdim: true).add(1e-5).rsqrt() * weight).to(ScalarType.Float32);
        Golden.AssertClose(root, CpuKernels.TryRmsNorm(hidden, weight, 1e-5)!, 1e-5);
    }

    [Fact]
    public void Norms_FewTokensOrOtherWidths_LeavesThemToTorch()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        Assert.Null(CpuKernels.TryRmsNorm(randn(64, 1, 32), ones(32), 1e-5));
        Assert.Null(CpuKernels.TryRmsNorm(randn(1, 64, 40), ones(40), 1e-5));
        Assert.Null(CpuKernels.TryLayerNorm(randn(1, 32, 64).transpose(1, 2), ones(32), zeros(32), 1e-5));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    [InlineData(-1f)]
    [InlineData(88f)]
    [InlineData(-87.3f)]
    [InlineData(-103f)]
    [InlineData(-200f)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(89f)]
    public void Exp_SmallAndLarge_AsTheLibrarys(float x)
    {
        var (expected, found) = (MathF.Exp(x), CpuActivations.Exp(Vector512.Create(x))[7]);

        Assert.True(expected == found || Math.Abs(expected - found) <= Math.Max(expected * 3e-7f, 3e-45f), $"{expected} {found}");
    }

    [Fact]
    public void SiluTimes_HalvesOfRows_AsTheFormula()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(12);
        var halves = randn(2, 40, 64) * 6;

        Golden.AssertClose(nn.functional.silu(halves.narrow(2, 0, 32)) * halves.narrow(2, 32, 32), CpuActivations.TrySiluTimes(halves)!, 1e-5);
        Assert.Null(CpuActivations.TrySiluTimes(randn(2, 40, 48)));
        Assert.Null(CpuActivations.TrySiluTimes(randn(2, 1, 64)));
    }

    [Theory]
    [InlineData(6, 6, 80)]
    [InlineData(3, 3, 16)]
    [InlineData(1, 5, 32)]
    public void Depthwise_Pictures_AsTorchs(int rows, int columns, int channels)
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(13);
        var (map, kernels) = (randn(3, channels, rows, columns), randn(channels, 1, 3, 3));
        var expected = nn.functional.conv2d(map, kernels, padding: [1, 1], groups: channels);

        var found = ChannelKernels.Depthwise(map.flatten(2).transpose(1, 2).contiguous(), kernels, rows, columns);

        Golden.AssertClose(expected.flatten(2).transpose(1, 2).contiguous(), found, 1e-5);
    }

    [Theory]
    [InlineData(80, 80, true)]
    [InlineData(32, 48, true)]
    [InlineData(32, 40, false)]
    [InlineData(40, 48, false)]
    public void RegStage_ChannelsOfAllNumbers_AsInTraining(int inputs, int channels, bool takes)
    {
        using var scope = NewDisposeScope();
        manual_seed(16);
        var stage = new RegStage(2, inputs, channels, LayerFactory.ForTraining);
        var map = randn(2, 36, inputs).transpose(1, 2).view(2, inputs, 6, 6);
        var expected = stage.forward(map).detach();

        using var guard = inference_mode();
        Assert.Equal(takes, ChannelKernels.Take(map, channels));
        Golden.AssertClose(expected, stage.forward(map).contiguous(), 1e-4);
    }

    [Fact]
    public void Gate_Pictures_EachChannelByItsOwn()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(14);
        var (pixels, gates) = (randn(3, 9, 32), randn(3, 32) * 4);
        var expected = pixels * sigmoid(gates).unsqueeze(1);

        ChannelKernels.Gate(pixels, gates);

        Golden.AssertClose(expected, pixels, 1e-6);
    }

    [Theory]
    [InlineData(4, 2, 24, 0)]
    [InlineData(4, 4, 16, 3)]
    [InlineData(0, 2, 8, 0)]
    public void RotateAndStore_Prompts_AsTheTableRotatesThem(int queries, int shared, int size, int start)
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(15);
        var projected = randn(2, 40, (queries + (2 * shared)) * size);
        Tensor Heads(int first, int count) => projected.clone().view(2, 40, -1, size).transpose(1, 2).narrow(1, first, count);
        var (query, key, value) = (Heads(0, queries), Heads(queries, shared), Heads(queries + shared, shared));
        var (cosine, sine) = (randn(40, size), randn(40, size));
        var buffers = new KeyValueBuffers(zeros(2, shared, 50, size), zeros(2, shared, 50, size), null, start);

        Assert.True(CpuRotary.TryRotateAndStore(projected, (cosine, sine), buffers, queries));

        var rotated = projected.view(2, 40, -1, size).transpose(1, 2).narrow(1, 0, queries);
        Assert.True(RotaryTable.Rotate(query, cosine, sine).allclose(rotated, rtol: 0, atol: 1e-6));
        Golden.AssertClose(RotaryTable.Rotate(key, cosine, sine), buffers.Keys.narrow(2, start, 40), 1e-6);
        Assert.True(buffers.Values.narrow(2, start, 40).eq(value).all().item<bool>());
        Assert.Equal(2 * shared * 40 * size, buffers.Values.count_nonzero().item<long>());
    }

    [Fact]
    public void RotateAndStore_NotMadeForThem_DoesNothing()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        var angles = (ones(40, 8), ones(40, 8));
        Tensor Buffer(int capacity, int size) => zeros(1, 1, capacity, size);
        bool Try(int capacity, int size = 8, Tensor? positions = null) =>
            CpuRotary.TryRotateAndStore(ones(1, 40, 4 * size), angles, new KeyValueBuffers(Buffer(capacity, size), Buffer(capacity, size), positions, 1), 2);

        Assert.True(Try(41));
        Assert.False(Try(40)); // no room
        Assert.False(Try(50, size: 12)); // halves of six
        Assert.False(Try(50, positions: zeros(1, ScalarType.Int64)));
    }
}
