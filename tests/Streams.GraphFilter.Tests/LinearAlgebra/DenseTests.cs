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
    public void ToBasis_OfItsOwnModes_IsDiagonal()
    {
        var matrix = Synthetic.Positive(new Random(2), 6);
        var (values, vectors) = Dense.Eigen(matrix, 6);
        var diagonal = Dense.ToBasis(vectors, matrix, 6);
        Near([.. Enumerable.Range(0, 36).Select(i => i % 7 == 0 ? values[i / 7] : 0)], diagonal);
        Near(matrix, Dense.FromBasis(vectors, diagonal, 6));
    }

    [Fact]
    public void SquareRoot_Squared_IsTheMatrix()
    {
        var matrix = Synthetic.Positive(new Random(3), 9);
        var root = Dense.SquareRoot(matrix, 9);
        Near(matrix, Dense.AddGram(new double[81], [.. root.Select(entry => entry * 3)], 9, 9));
    }

    [Fact]
    public void SquareRoot_NegativeByRounding_IsFinite() => Assert.All(Dense.SquareRoot([1, 1, 1, 1 - 1e-13], 2), entry => Assert.True(double.IsFinite(entry)));

    [Fact]
    public void InversePositive_Singular_IsBoundedByTheFloor() => Near([50.25, -49.75, -49.75, 50.25], Dense.InversePositive([1, 1, 1, 1], 2, 0.01));

    [Fact]
    public void AddGram_OfMoreRowsThanAsked_UsesTheFirst() => Near([2.5, 1, 1, 1], Dense.AddGram([1, 0, 0, 0], [2, 1, 0, 1, 9, 9], 2, 2));

    private static void Near(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-9 * Math.Max(1, Math.Abs(expected[i])));
        }
    }
}
