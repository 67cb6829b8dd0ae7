namespace Streams.Processors.GraphFilter.Learning;

/// <summary>The pairs i &lt; j of N vertices in one array: (0,1), (0,2), …, (1,2), ….</summary>
internal static class Edges
{
    public static int Count(int vertices) => vertices * (vertices - 1) / 2;

    /// <summary>Place of the pair (<paramref name="i"/>, <paramref name="j"/>) with i &lt; j.</summary>
    public static int Index(int i, int j, int vertices) => (i * vertices) - (i * (i + 1) / 2) + j - i - 1;

    /// <summary>Row-major Laplacian D - A of the weights.</summary>
    public static double[] Laplacian(ReadOnlySpan<double> weights, int vertices)
    {
        var laplacian = new double[vertices * vertices];
        Laplacian(weights, vertices, laplacian);
        return laplacian;
    }

    /// <summary>The same into <paramref name="laplacian"/>.</summary>
    public static void Laplacian(ReadOnlySpan<double> weights, int vertices, Span<double> laplacian)
    {
        for (var i = 0; i < vertices; i++)
        {
            laplacian[(i * vertices) + i] = 0;
        }

        for (int i = 0, edge = 0; i < vertices; i++)
        {
            for (var j = i + 1; j < vertices; j++, edge++)
            {
                var weight = weights[edge];
                laplacian[(i * vertices) + j] = laplacian[(j * vertices) + i] = -weight;
                laplacian[(i * vertices) + i] += weight;
                laplacian[(j * vertices) + j] += weight;
            }
        }
    }

    /// <summary>The entries above the diagonal of a symmetric matrix.</summary>
    public static double[] Upper(ReadOnlySpan<double> symmetric, int vertices)
    {
        var upper = new double[Count(vertices)];
        for (int i = 0, edge = 0; i < vertices; i++)
        {
            for (var j = i + 1; j < vertices; j++, edge++)
            {
                upper[edge] = symmetric[(i * vertices) + j];
            }
        }

        return upper;
    }
}
