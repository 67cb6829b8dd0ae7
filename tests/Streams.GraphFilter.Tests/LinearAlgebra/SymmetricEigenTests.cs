using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.GraphFilter.Tests.LinearAlgebra;

public sealed class SymmetricEigenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(45)]
    [InlineData(64)]
    [InlineData(97)]
    [InlineData(SymmetricEigen.LargestManaged + 1)]
    public void Decompose_RandomMatrix_IsExactToRounding(int size)
    {
        var random = new Random(size);
        var eigen = new SymmetricEigen(size);
        for (var draw = 0; draw < 5; draw++)
        {
            var matrix = new double[size * size];
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    matrix[(i * size) + j] = matrix[(j * size) + i] = Math.Pow(10, 6 * draw - 12) * Synthetic.Normal(random);
                }
            }

            IsExact(matrix, eigen);
        }
    }

    /// <summary>Identity, zero, complete graph, ring, star, projection, and two equal blocks: eigenvalues of any multiplicity.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(24)]
    [InlineData(63)]
    public void Decompose_RepeatedEigenvalues_IsExactToRounding(int size)
    {
        var eigen = new SymmetricEigen(size);
        Func<int, int, double>[] kinds =
        [
            (i, j) => i == j ? 1 : 0,
            (_, _) => 0,
            (i, j) => i == j ? size - 1 : -1,
            (i, j) => i == j ? 2 : (i - j + size) % size == 1 || (j - i + size) % size == 1 ? -1 : 0,
            (i, j) => i == j ? (i == 0 ? size - 1 : 1) : i == 0 || j == 0 ? -1 : 0,
            (i, j) => i % 2 == 0 && j % 2 == 0 ? 1 : 0,
            (i, j) => i % 2 != j % 2 ? 0 : 1.0 / (1 + (Math.Abs(i - j) / 2)),
        ];
        foreach (var kind in kinds)
        {
            IsExact([.. Enumerable.Range(0, size * size).Select(at => kind(at / size, at % size))], eigen);
        }
    }

    /// <summary>Gains over twelve decades on the diagonal, in either order and in none.</summary>
    [Fact]
    public void Decompose_GradedMatrix_IsExactToRounding()
    {
        const int size = 30;
        var eigen = new SymmetricEigen(size);
        var random = new Random(3);
        var grades = Enumerable.Range(0, size).Select(i => Math.Pow(10, -0.4 * i)).ToArray();
        for (var order = 0; order < 3; order++)
        {
            var matrix = new double[size * size];
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    matrix[(i * size) + j] = matrix[(j * size) + i] = (i == j ? 2 : Synthetic.Normal(random) * 0.1) * Math.Sqrt(grades[i] * grades[j]);
                }
            }

            IsExact(matrix, eigen);
            if (order == 0)
            {
                Array.Reverse(grades);
            }
            else
            {
                random.Shuffle(grades);
            }
        }
    }

    [Fact]
    public void Decompose_ManagedAndTorch_Agree()
    {
        const int size = 40;
        var matrix = Synthetic.Positive(new Random(4), size);
        var eigen = new SymmetricEigen(size);
        eigen.Decompose(matrix);
        var (values, _) = Dense.Eigen(matrix, size);
        Assert.All(values.Zip(eigen.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-12 * values[^1]));
    }

    [Fact]
    public void Decompose_Again_AllocatesNothing()
    {
        var matrix = Synthetic.Positive(new Random(5), 64);
        var eigen = new SymmetricEigen(64);
        eigen.Decompose(matrix);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
        {
            eigen.Decompose(matrix);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Decompose_BadInput_SaysWhatIsWrong()
    {
        var eigen = new SymmetricEigen(2);
        Assert.Contains("has 4", Assert.Throws<ArgumentException>(() => eigen.Decompose([1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => eigen.Decompose([1, double.NaN, 0, 1])).Message, StringComparison.Ordinal);
        Assert.Contains("finite", Assert.Throws<ArgumentException>(() => eigen.Decompose([1, 0, 0, double.PositiveInfinity])).Message, StringComparison.Ordinal);
    }

    private static void IsExact(double[] matrix, SymmetricEigen eigen)
    {
        var size = eigen.Size;
        eigen.Decompose(matrix);
        Assert.Equal(eigen.Values.Order(), eigen.Values);
        var norm = Math.Max(1e-300, Math.Max(Math.Abs(eigen.Values[0]), Math.Abs(eigen.Values[^1])));
        for (var j = 0; j < size; j++)
        {
            var vector = eigen.Vectors.AsSpan(j * size, size);
            for (var i = 0; i < size; i++)
            {
                var image = Cholesky.Dot(matrix.AsSpan(i * size, size), vector);
                Assert.InRange(Math.Abs(image - (eigen.Values[j] * vector[i])), 0, 1e-12 * norm);
                var product = Cholesky.Dot(eigen.Vectors.AsSpan(i * size, size), vector);
                Assert.InRange(Math.Abs(product - (i == j ? 1 : 0)), 0, 1e-12);
            }
        }
    }
}
