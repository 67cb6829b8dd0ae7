using Streams.GraphFilter.Tests.Online;
using Streams.Processors.GraphFilter.LinearAlgebra;
using Streams.Processors.GraphFilter.Online;

namespace Streams.GraphFilter.Tests.LinearAlgebra;

/// <summary>Where libtorch exports no LAPACK the managed routines stand in by themselves: the same answers.</summary>
public sealed class LapackTests : IDisposable
{
    public void Dispose() => Lapack.AvoidNative = false;

    [Theory]
    [InlineData(5)]
    [InlineData(33)]
    [InlineData(130)]
    public void Eigen_WithoutNative_IsTheSame(int size)
    {
        var random = new Random(size);
        var matrix = Symmetric(random, size);
        double[] native = [.. matrix], managed = [.. matrix], values = new double[size], others = new double[size];
        Lapack.Eigen(native, size, values, new double[Lapack.EigenScratch(size)], new int[Lapack.EigenIntegers(size)]);
        Lapack.AvoidNative = true;
        Assert.False(Lapack.IsNative);
        Lapack.Eigen(managed, size, others, [], []);
        Assert.All(values.Zip(others), pair => Assert.Equal(pair.First, pair.Second, 1e-9 * size));

        // Eigenvectors are known up to their sign.
        for (var k = 0; k < size; k++)
        {
            var overlap = Cholesky.Dot(native.AsSpan(k * size, size), managed.AsSpan(k * size, size));
            Assert.Equal(1, Math.Abs(overlap), 1e-6);
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Multiply_WithoutNative_IsTheSame(bool transposeA, bool transposeB)
    {
        const int Rows = 7, Columns = 9, Inner = 11;
        var random = new Random(1);
        double[] a = Numbers(random, Rows * Inner), b = Numbers(random, Inner * Columns), native = new double[Rows * Columns], managed = new double[Rows * Columns];
        int strideA = transposeA ? Rows : Inner, strideB = transposeB ? Inner : Columns;
        Lapack.Multiply(transposeA, transposeB, Rows, Columns, Inner, a, strideA, b, strideB, native, Columns);
        Lapack.AvoidNative = true;
        Lapack.Multiply(transposeA, transposeB, Rows, Columns, Inner, a, strideA, b, strideB, managed, Columns);
        Assert.All(native.Zip(managed), pair => Assert.Equal(pair.First, pair.Second, 1e-12 * Inner));
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(45, true)]
    [InlineData(121, false)]
    [InlineData(121, true)]
    public void InvertLower_TimesTheFactor_IsIdentity(int size, bool native)
    {
        Lapack.AvoidNative = !native;
        double[] factor = Synthetic.Positive(new Random(size), size), columns = new double[size * size];
        Assert.True(Lapack.TryFactor(factor, size));
        Lapack.InvertLower(factor, size, columns);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                Assert.Equal(i == j ? 1 : 0, Cholesky.Dot(factor.AsSpan(i * size, i + 1), columns.AsSpan(j * size, i + 1)), 1e-9);
            }
        }
    }

    [Theory]
    [InlineData(7, 3)]
    [InlineData(100, 60)]
    public void MultiplyByTranspose_IsTheProduct(int rows, int inner)
    {
        double[] a = Numbers(new Random(rows), rows * inner), expected = new double[rows * rows], found = new double[rows * rows];
        Lapack.Multiply(false, true, rows, rows, inner, a, inner, a, inner, expected, rows);
        Lapack.MultiplyByTranspose(rows, inner, a, found);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-12 * inner));
    }

    [Fact]
    public void Learner_WithoutNative_FindsTheSameGraph()
    {
        OnlineGraphLearner native = new(12), managed = new(12);
        new NetworkStream(12, 3).Feed(native, 300);
        Lapack.AvoidNative = true;
        new NetworkStream(12, 3).Feed(managed, 300);
        Assert.Equal(native.Describe().Edges.Select(edge => (edge.From, edge.To)).Order(), managed.Describe().Edges.Select(edge => (edge.From, edge.To)).Order());
    }

    private static double[] Symmetric(Random random, int size)
    {
        var matrix = Numbers(random, size * size);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < i; j++)
            {
                matrix[(i * size) + j] = matrix[(j * size) + i];
            }
        }

        return matrix;
    }

    private static double[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => Synthetic.Normal(random))];
}
