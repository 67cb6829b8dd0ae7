using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.GraphFilter.Tests.LinearAlgebra;

public sealed class CholeskyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(33)]
    public void Solve_OfProduct_GivesTheVectorBack(int size)
    {
        var random = new Random(size);
        var matrix = Synthetic.Positive(random, size);
        var expected = Enumerable.Range(0, size).Select(_ => Synthetic.Normal(random)).ToArray();
        var right = Enumerable.Range(0, size).Select(i => Cholesky.Dot(matrix.AsSpan(i * size, size), expected)).ToArray();
        Assert.True(Cholesky.TryFactor(matrix, size));
        Cholesky.Solve(matrix, size, right);
        for (var i = 0; i < size; i++)
        {
            Assert.Equal(expected[i], right[i], 1e-9);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    public void Inverse_TimesMatrix_IsIdentity(int size)
    {
        var matrix = Synthetic.Positive(new Random(size), size);
        var factor = matrix.ToArray();
        Assert.True(Cholesky.TryFactor(factor, size));
        var inverse = Cholesky.Inverse(factor, size);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                Assert.Equal(i == j ? 1 : 0, Cholesky.Dot(matrix.AsSpan(i * size, size), inverse.AsSpan(j * size, size)), 1e-9);
            }
        }
    }

    [Fact]
    public void TryFactor_IndefiniteOrNotANumber_IsFalse()
    {
        Assert.False(Cholesky.TryFactor([1, 2, 2, 1], 2));
        Assert.False(Cholesky.TryFactor([double.NaN], 1));
    }
}
