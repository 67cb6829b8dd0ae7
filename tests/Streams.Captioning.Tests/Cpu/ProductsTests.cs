using System.Runtime.Intrinsics.X86;
using Streams.Processors.Captioning.Cpu;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Cpu;

public sealed class ProductsTests
{
    public ProductsTests() => Assert.SkipUnless(Avx512F.IsSupported, "needs a processor with AVX-512");

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

        Golden.AssertClose(nn.functional.linear(input, weight, offset), ManyRows.TryProject(input, weight, offset)!, 1e-4);
    }

    [Fact]
    public void Project_MemoryBehindTheInputIsNotANumber_NothingOfItIsSeen()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        var memory = full(3, 36, 32, float.NaN);
        memory.narrow(0, 0, 1).fill_(Scalars.One);

        Assert.True(ManyRows.TryProject(memory.narrow(0, 0, 1), ones(24, 32), null)!.eq(Scalars.Of(32)).all().item<bool>());
    }

    [Fact]
    public void Project_FewTokensOrOtherWidths_LeavesThemToTorch()
    {
        using var scope = NewDisposeScope();
        Assert.Null(ManyRows.TryProject(randn(2, 64, 32), randn(8, 32), null));

        using var guard = inference_mode();
        Assert.Null(ManyRows.TryProject(randn(64, 1, 32), randn(8, 32), null));
        Assert.Null(ManyRows.TryProject(randn(2, 64, 40), randn(8, 40), null));
    }

    [Theory]
    [InlineData(1, 96, 288, false)]
    [InlineData(3, 96, 91, true)]
    [InlineData(8, 256, 96, false)]
    [InlineData(13, 16, 4, true)]
    [InlineData(5, 20, 80, true)]
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
        Assert.Null(FewRows.TryProject(randn(2, 1, 15), randn(8, 15), null));
        Assert.Null(FewRows.TryProject(randn(2, 1, 32), randn(3, 32), null));
        Assert.Null(FewRows.TryProject(randn(2, 1, 32), randn(32, 8).t(), null));
        Assert.Null(FewRows.TryProject(randn(1, 1024), randn(1024, 1024), null));
        Assert.Null(FewRows.TryProject(randn(32), randn(8, 32), null));
        Assert.Null(FewRows.TryProject(randn(2, 1, 32), randn(8, 32).to(ScalarType.BFloat16), null));
    }

    [Theory]
    [InlineData(6, 1, 1)]
    [InlineData(97, 17, 16)]
    [InlineData(100, 33, 40)]
    [InlineData(193, 7, 64)]
    [InlineData(200, 50, 91)]
    [InlineData(12, 96, 113)]
    public unsafe void Multiply_AnySizes_AsTheProductAndNothingBesideIt(int count, int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        manual_seed(10);
        var (input, weight, bias, result) = (randn(count, inputs), randn(outputs, inputs), randn(outputs), full(count + 1, outputs, 7f));
        var packed = Scratch.Take(PatchProducts.PackedSize(inputs, outputs));
        PatchProducts.Pack(At(weight), At(bias), inputs, outputs, packed);

        PatchProducts.Multiply(new Patches(inputs, 1, inputs, 0), At(input), count, packed, outputs, At(result), outputs);

        Golden.AssertClose(nn.functional.linear(input, weight, bias), result.narrow(0, 0, count), 1e-4);
        Assert.True(result[count].eq(Scalars.Of(7)).all().item<bool>());

        static float* At(Tensor tensor) => (float*)DeviceTensors.AddressOf(tensor);
    }

    [Theory]
    [InlineData(3, 48, 48, new[] { 3, 16, 40, 80 })]
    [InlineData(2, 13, 24, new[] { 1, 5 })]
    [InlineData(1, 12, 25, new[] { 2, 48, 17 })]
    public void StridedConvolutions_Images_AsTorchs(int batch, int height, int width, int[] channels)
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        manual_seed(11);
        var images = randn(batch, channels[0], height, width);
        var kernels = Kernels(channels);

        var expected = images;
        foreach (var (i, (weight, bias)) in kernels.Index())
        {
            expected = nn.functional.conv2d(i == 0 ? expected : nn.functional.silu(expected), weight, bias, strides: [2, 2], padding: [1, 1]);
        }

        Golden.AssertClose(expected, StridedConvolutions.TryApply(images, kernels)!.contiguous(), 1e-4);
    }

    [Fact]
    public void StridedConvolutions_OneImageIsNotANumber_TheOthersAre()
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        var images = randn(3, 3, 24, 24);
        images[1].fill_(Scalars.Of(double.NaN));

        var finite = StridedConvolutions.TryApply(images, Kernels(3, 16, 40))!.isfinite();

        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(i => finite[i].all().item<bool>()));
    }

    [Fact]
    public void StridedConvolutions_NotMadeForThem_LeavesThemToTorch()
    {
        using var scope = NewDisposeScope();
        Assert.Null(StridedConvolutions.TryApply(randn(1, 3, 24, 24), Kernels(3, 16))); // gradients may be wanted

        using var guard = inference_mode();
        Assert.Null(StridedConvolutions.TryApply(randn(1, 3, 24, 10), Kernels(3, 16)));
        Assert.Null(StridedConvolutions.TryApply(randn(1, 3, 24, 24).transpose(2, 3), Kernels(3, 16)));
        Assert.Null(StridedConvolutions.TryApply(randn(1, 3, 24, 24).to(ScalarType.BFloat16), Kernels(3, 16)));
    }

    private static List<(Tensor Weight, Tensor Bias)> Kernels(params int[] channels) =>
        [.. channels.Zip(channels.Skip(1), (inputs, outputs) => (randn(outputs, inputs, 3, 3) / 3, randn(outputs)))];
}
