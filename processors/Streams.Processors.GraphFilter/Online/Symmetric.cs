using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>Symmetric matrices between float32 triangles, in which they are kept, and double squares, in which they are worked with.</summary>
internal static class Symmetric
{
    /// <summary>The square of a packed lower triangle.</summary>
    public static void Unpack(ReadOnlySpan<float> lower, int size, Span<double> square)
    {
        var from = 0;
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                square[(i * size) + j] = lower[from++];
            }
        }

        Lapack.Mirror(square, size);
    }

    /// <summary>The packed lower triangle of a square.</summary>
    public static void Pack(ReadOnlySpan<double> square, int size, Span<float> lower)
    {
        var to = 0;
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                lower[to++] = (float)square[(i * size) + j];
            }
        }
    }

    /// <summary>
    /// (1 - share) A + share B, as a square, with every variance raised by the share <paramref name="noise"/> of its own: positive definite
    /// whatever the units of the sensors, dead ones included.
    /// </summary>
    public static void Mix(ReadOnlySpan<float> a, ReadOnlySpan<float> b, double share, double noise, int size, Span<double> square)
    {
        var mean = 0d;
        for (int i = 0, from = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++, from++)
            {
                square[(i * size) + j] = ((1 - share) * a[from]) + (share * b[from]);
            }

            mean += square[(i * size) + i] / size;
        }

        for (var i = 0; i < size; i++)
        {
            square[(i * size) + i] += noise * (square[(i * size) + i] + (1e-9 * mean) + 1e-30);
        }

        Lapack.Mirror(square, size);
    }

    /// <summary>
    /// The packed triangle over other sensors. A new one is taken for the mean of those that stay plus something of its own: so the
    /// whole stays positive semidefinite.
    /// </summary>
    /// <param name="lower">Over the former sensors.</param>
    /// <param name="places">For each sensor its former number, or -1.</param>
    /// <param name="variance">Of a new sensor, at least.</param>
    /// <param name="adopted">Over the sensors of <paramref name="places"/>.</param>
    public static void Adopt(ReadOnlySpan<float> lower, ReadOnlySpan<int> places, double variance, Span<float> adopted)
    {
        var means = new double[places.Length];
        var (stay, all) = (0, 0d);
        foreach (var place in places)
        {
            stay += place >= 0 ? 1 : 0;
        }

        for (var i = 0; i < places.Length; i++)
        {
            for (var j = 0; j < places.Length; j++)
            {
                means[i] += places[i] >= 0 && places[j] >= 0 ? lower[Packed(places[i], places[j])] / (double)stay : 0;
            }

            all += stay == 0 ? 0 : means[i] / stay;
        }

        for (int i = 0, at = 0; i < places.Length; i++)
        {
            for (var j = 0; j <= i; j++, at++)
            {
                adopted[at] = (float)((places[i], places[j]) switch
                {
                    ( >= 0, >= 0) => lower[Packed(places[i], places[j])],
                    ( < 0, < 0) => i == j ? Math.Max(variance, all) : all,
                    _ => means[places[i] >= 0 ? i : j],
                });
            }
        }
    }

    private static int Packed(int i, int j) => RecursiveCovariance.Index(Math.Max(i, j), Math.Min(i, j));
}
