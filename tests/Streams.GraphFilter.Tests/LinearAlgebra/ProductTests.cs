using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.GraphFilter.Tests.LinearAlgebra;

public sealed class ProductTests
{
    /// <summary>Sizes around the widths of the kernel's blocks, and one beyond the managed ones.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(17)]
    [InlineData(45)]
    [InlineData(Product.LargestManaged + 1)]
    public void Multiply_Square_IsTheProduct(int size)
    {
        var random = new Random(size);
        var (left, right, result) = (Normals(random, size * size), Normals(random, size * size), new double[size * size]);
        Product.Multiply(left, right, result, size);
        IsProduct(left, right, result, size, size, size);
    }

    [Theory]
    [InlineData(5, 1, 9)]
    [InlineData(1, 32, 32)]
    [InlineData(45, 32, 32)]
    [InlineData(32, 45, 7)]
    public void Multiply_Rectangular_IsTheProduct(int rows, int inner, int columns)
    {
        var random = new Random(rows);
        var (left, right, result) = (Normals(random, rows * inner), Normals(random, inner * columns), new double[rows * columns]);
        Product.Multiply(left, right, result, rows, inner, columns);
        IsProduct(left, right, result, rows, inner, columns);
    }

    [Fact]
    public void Transpose_Rectangular_Turns()
    {
        var result = new double[6];
        Product.Transpose([1, 2, 3, 4, 5, 6], result, 2, 3);
        Assert.Equal([1, 4, 2, 5, 3, 6], result);
    }

    [Fact]
    public void Kernels_OfAnyLength_AgreeWithLoops()
    {
        var random = new Random(9);
        for (var length = 0; length < 40; length++)
        {
            var (x, y, z) = (Normals(random, length), Normals(random, length), Normals(random, length));
            Assert.Equal(x.Zip(y, (a, b) => a * b).Sum(), Kernels.Dot(x, y), 1e-12);
            var sum = y.ToArray();
            Kernels.AddScaled(sum, 2, x);
            Kernels.AddScaled(sum, -1, x, 3, z);
            for (var i = 0; i < length; i++)
            {
                Assert.Equal(y[i] + x[i] + (3 * z[i]), sum[i], 1e-12);
            }
        }
    }

    private static double[] Normals(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => Synthetic.Normal(random))];

    private static void IsProduct(double[] left, double[] right, double[] result, int rows, int inner, int columns)
    {
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                var expected = Enumerable.Range(0, inner).Sum(k => left[(i * inner) + k] * right[(k * columns) + j]);
                Assert.Equal(expected, result[(i * columns) + j], 1e-10);
            }
        }
    }
}
