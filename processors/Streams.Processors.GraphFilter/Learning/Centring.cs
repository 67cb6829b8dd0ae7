namespace Streams.Processors.GraphFilter.Learning;

/// <summary>Takes the constant mode out of a symmetric matrix: P M P with P = I - 11ᵀ/N.</summary>
internal static class Centring
{
    public static double[] Apply(ReadOnlySpan<double> matrix, int size)
    {
        var means = new double[size];
        for (var i = 0; i < matrix.Length; i++)
        {
            means[i / size] += matrix[i] / size;
        }

        var all = means.Average();
        var centred = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                centred[(i * size) + j] = matrix[(i * size) + j] - means[i] - means[j] + all;
            }
        }

        return centred;
    }
}
