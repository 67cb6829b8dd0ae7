using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.GraphFilter.Tests.LinearAlgebra;

public sealed class DenseTests
{
    [Fact]
    public void FromEigen_OfEigen_GivesTheMatrixBack()
    {
        var matrix = Synthetic.Positive(new Random(1), 12);
        var (values, vectors) = Dense.Eigen(matrix, 12);
        Assert.Equal(values.Order(), values);
        Near(matrix, Dense.FromEigen(vectors, values, 12));
    }

    [Fact]
    public void SquareRoot_Squared_IsTheMatrix()
    {
        var matrix = Synthetic.Positive(new Random(3), 9);
        var root = Dense.SquareRoot(matrix, 9);
        Near(matrix, Synthetic.Gram([.. root.Select(entry => entry * 3)], 9, 9));
    }

    [Fact]
    public void SquareRoot_NegativeByRounding_IsFinite() => Assert.All(Dense.SquareRoot([1, 1, 1, 1 - 1e-13], 2), entry => Assert.True(double.IsFinite(entry)));

    private static void Near(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-9 * Math.Max(1, Math.Abs(expected[i])));
        }
    }
}
