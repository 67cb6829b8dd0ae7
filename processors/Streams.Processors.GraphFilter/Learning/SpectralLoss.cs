using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// The commuting Wasserstein loss F(A) = min over g of ||g(L) - S||_F², and its gradient. At the best g the chain rule through g
/// vanishes, and in the eigenbasis of L the gradient is the residual times the Loewner matrix of divided differences of g, which stays
/// finite where eigenvalues repeat.
/// </summary>
internal sealed class SpectralLoss
{
    private readonly double[] _root;
    private readonly FilterSign _sign;
    private readonly int _first;

    /// <param name="root">S, the symmetric root of the covariance, row-major.</param>
    /// <param name="size">Number of vertices.</param>
    /// <param name="sign">Low- or high-pass.</param>
    /// <param name="withoutConstant">Leave the constant mode out of the fit, for readings that were centred across sensors.</param>
    public SpectralLoss(double[] root, int size, FilterSign sign, bool withoutConstant)
    {
        (Size, _sign, _first) = (size, sign, withoutConstant ? 1 : 0);
        _root = root;
        if (withoutConstant)
        {
            _root = Centred(root, size);
        }

        foreach (var entry in _root)
        {
            SquaredNorm += entry * entry;
        }
    }

    public int Size { get; }

    /// <summary>||S||_F², the loss of the zero filter.</summary>
    public double SquaredNorm { get; }

    /// <summary>Evaluates the graph with these edge weights.</summary>
    public Point At(ReadOnlySpan<double> weights)
    {
        var (frequencies, modes) = Dense.Eigen(Edges.Laplacian(weights, Size), Size);
        // The constant vector is exactly an eigenvector of the eigenvalue 0.
        frequencies[0] = 0;
        var mean = Math.Max(frequencies.Sum() / Size, 1e-300);
        var points = frequencies.Select(frequency => frequency / mean).ToArray();
        var spectrum = Dense.ToBasis(modes, _root, Size);
        var targets = Enumerable.Range(0, Size).Select(i => spectrum[(i * Size) + i]).ToArray();
        var coefficients = FilterBasis.Fit(points, targets, _first, _sign);
        var gains = new double[Size];
        var slopes = new double[Size];
        for (var i = _first; i < Size; i++)
        {
            gains[i] = FilterBasis.Value(coefficients, points[i], _sign);
            slopes[i] = FilterBasis.Slope(coefficients, points[i], _sign) / mean;
        }

        return new Point(this, frequencies, modes, points, gains, slopes, spectrum);
    }

    private static double[] Centred(double[] root, int size)
    {
        var means = new double[size];
        for (var i = 0; i < size; i++)
        {
            means[i] = root.AsSpan(i * size, size).ToArray().Average();
        }

        var all = means.Average();
        var centred = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                centred[(i * size) + j] = root[(i * size) + j] - means[i] - means[j] + all;
            }
        }

        return centred;
    }

    /// <summary>One graph with its best filter.</summary>
    /// <param name="loss">Where it belongs.</param>
    /// <param name="frequencies">Eigenvalues of the Laplacian.</param>
    /// <param name="modes">Its eigenvectors.</param>
    /// <param name="points">Eigenvalues over their mean.</param>
    /// <param name="gains">g at each eigenvalue.</param>
    /// <param name="slopes">dg/dlambda at each eigenvalue.</param>
    /// <param name="spectrum">Uᵀ S U.</param>
    public sealed class Point(SpectralLoss loss, double[] frequencies, double[] modes, double[] points, double[] gains, double[] slopes, double[] spectrum)
    {
        public double[] Points => points;

        public double[] Gains => gains;

        /// <summary>F.</summary>
        public double Loss { get; } = SumOfSquares(spectrum, gains);

        /// <summary>M = g(L)², the covariance of the model.</summary>
        public double[] Covariance() => Dense.FromEigen(modes, gains.Select(gain => gain * gain).ToArray(), loss.Size);

        /// <summary>dF/dA for every pair, in the order of <see cref="Edges"/>.</summary>
        public double[] Gradient()
        {
            var size = loss.Size;
            var scaled = new double[size * size];
            var near = 1e-6 * Math.Max(frequencies[^1], 1e-300);
            var throughMean = 0d;
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j < size; j++)
                {
                    var at = (i * size) + j;
                    var residual = 2 * ((i == j ? gains[i] : 0) - spectrum[at]);
                    var gap = frequencies[i] - frequencies[j];
                    var divided = i < loss._first || j < loss._first ? 0
                        : Math.Abs(gap) > near ? (gains[i] - gains[j]) / gap
                        : 0.5 * (slopes[i] + slopes[j]);
                    scaled[at] = residual * divided;
                }

                // g depends on lambda / mean(lambda): every eigenvalue also moves the mean.
                throughMean -= 2 * (gains[i] - spectrum[(i * size) + i]) * slopes[i] * points[i];
            }

            var full = Dense.FromBasis(modes, scaled, size);
            var gradient = new double[Edges.Count(size)];
            for (int i = 0, edge = 0; i < size; i++)
            {
                for (var j = i + 1; j < size; j++, edge++)
                {
                    gradient[edge] = full[(i * size) + i] + full[(j * size) + j] - full[(i * size) + j] - full[(j * size) + i]
                        + (2 * throughMean / size);
                }
            }

            return gradient;
        }

        private static double SumOfSquares(double[] spectrum, double[] gains)
        {
            var sum = 0d;
            for (var i = 0; i < gains.Length; i++)
            {
                for (var j = 0; j < gains.Length; j++)
                {
                    var residual = (i == j ? gains[i] : 0) - spectrum[(i * gains.Length) + j];
                    sum += residual * residual;
                }
            }

            return sum;
        }
    }
}
