using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Streams.Processors.Captioning.Cpu;
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
    [InlineData(1, 4, 1, 8, true)]
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

        Assert.True((CpuKernels.TanhGelu(numbers.clone()) - expected).narrow(0, 0, 1003).abs().max().item<float>() < 2e-6);
        Assert.Equal([0f, 0f, 0f, 1e30f, float.PositiveInfinity], CpuKernels.TanhGelu(numbers.clone()).narrow(0, 1003, 5).data<float>().Select(number => number == 0 ? 0f : number));
        Assert.True(float.IsNaN(CpuKernels.TanhGelu(tensor([float.NaN])).item<float>()));
    }

    [Fact]
    public void TanhGelu_NumberAtTheEndOrWithin_RoundedAlike()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(5);
        var numbers = randn(40);

        Assert.True(CpuKernels.TanhGelu(numbers.clone()).narrow(0, 0, 37).eq(CpuKernels.TanhGelu(numbers.narrow(0, 0, 37).clone())).all().item<bool>());
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
        var (expected, found) = (MathF.Exp(x), CpuKernels.Exp(Vector512.Create(x))[7]);

        Assert.True(expected == found || Math.Abs(expected - found) <= Math.Max(expected * 3e-7f, 3e-45f), $"{expected} {found}");
    }

    [Theory]
    [InlineData(16, 36, 80, 320, true)]
    [InlineData(1, 81, 256, 96, false)]
    [InlineData(2, 37, 16, 5, true)]
    public void Project_ManyTokens_ByConvolutionAsByTheProduct(int batch, int tokens, int inputs, int outputs, bool bias)
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(6);
        var (input, weight, offset) = (randn(batch, tokens, inputs), randn(outputs, inputs), bias ? randn(outputs) : null);

        Golden.AssertClose(nn.functional.linear(input, weight, offset), PointwiseConvolution.TryProject(input, weight, offset)!, 1e-4);
    }

    [Fact]
    public void Project_MemoryBehindTheInputIsNotANumber_NothingOfItIsSeen()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        var memory = full(3, 36, 32, float.NaN);
        memory.narrow(0, 0, 1).fill_(Scalars.One);

        Assert.True(PointwiseConvolution.TryProject(memory.narrow(0, 0, 1), ones(24, 32), null)!.eq(Scalars.Of(32)).all().item<bool>());
    }

    [Fact]
    public void Project_FewTokensOrOtherWidths_LeavesThemToTorch()
    {
        using var scope = NewDisposeScope();
        Assert.Null(PointwiseConvolution.TryProject(randn(2, 64, 32), randn(8, 32), null));

        using var guard = inference_mode();
        Assert.Null(PointwiseConvolution.TryProject(randn(64, 1, 32), randn(8, 32), null));
        Assert.Null(PointwiseConvolution.TryProject(randn(2, 64, 40), randn(8, 40), null));
    }

    [Theory]
    [InlineData(1, 96, 288, false)]
    [InlineData(3, 96, 91, true)]
    [InlineData(8, 256, 96, false)]
    [InlineData(13, 16, 4, true)]
    public void Project_FewRows_AsTheProductAndAlikeInAnyNumber(int rows, int inputs, int outputs, bool bias)
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(8);
        var (input, weight, offset) = (randn(rows, 1, inputs), randn(outputs, inputs), bias ? randn(outputs) : null);

        var projected = FewRows.TryProject(input, weight, offset)!;

        Golden.AssertClose(nn.functional.linear(input, weight, offset), projected, 1e-4);
        for (var row = 0; row < rows; row++)
        {
            Assert.True(projected[row].eq(FewRows.TryProject(input[row], weight, offset)!).all().item<bool>(), $"row {row}");
        }
    }

    [Fact]
    public void Project_EverySecondRow_AsOfACopy()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(9);
        var (all, weight) = (randn(4, 2, 32), randn(8, 32));

        var projected = FewRows.TryProject(all.narrow(1, 1, 1), weight, null)!;

        Assert.True(projected.eq(FewRows.TryProject(all.narrow(1, 1, 1).clone(), weight, null)!).all().item<bool>());
    }

    [Fact]
    public void Project_FewRowsNotMadeForThem_LeavesThemToTorch()
    {
        using var scope = NewDisposeScope();
        Assert.Null(FewRows.TryProject(randn(2, 1, 32), randn(8, 32), null)); // gradients may be wanted

        using var guard = inference_mode();
        Assert.Null(FewRows.TryProject(randn(2, 1, 40), randn(8, 40), null));
        Assert.Null(FewRows.TryProject(randn(2, 1, 32), randn(3, 32), null));
        Assert.Null(FewRows.TryProject(randn(2, 1, 32), randn(32, 8).t(), null));
        Assert.Null(FewRows.TryProject(randn(1, 1024), randn(1024, 1024), null));
        Assert.Null(FewRows.TryProject(randn(32), randn(8, 32), null));
    }
}
