using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// The polar factor Q of g S for a diagonal g, which makes the derivative of the nuclear norm: d||g S||_* = tr(½(Q S + S Qᵀ) dg). Q = M (MᵀM)^(-1/2),
/// M = g S, by eigenvectors of MᵀM; directions that neither g nor S has are left out.
/// </summary>
internal sealed class PolarFactor(int size)
{
    private readonly SymmetricEigen _eigen = new(size);
    private readonly double[] _product = new double[size * size];
    private readonly double[] _turned = new double[size * size];
    private readonly double[] _square = new double[size * size];
    private readonly double[] _factor = new double[size * size];

    /// <summary><paramref name="target"/> = ½(Q S + S Qᵀ); returns ||g S||_*.</summary>
    public double Target(ReadOnlySpan<double> gains, double[] root, double[] target)
    {
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                _product[(i * size) + j] = gains[i] * root[(i * size) + j];
            }
        }

        Product.Transpose(_product, _turned, size);
        Product.Multiply(_turned, _product, _square, size);
        _eigen.Decompose(_square);
        var nuclear = 0d;
        var cut = 1e-12 * Math.Max(_eigen.Values[^1], 0);

        // (MᵀM)^(-1/2) = Vᵀ diag Vs with eigenvectors in the rows of V.
        for (var j = 0; j < size; j++)
        {
            var singular = _eigen.Values[j] > cut ? Math.Sqrt(_eigen.Values[j]) : 0;
            nuclear += singular;
            for (var i = 0; i < size; i++)
            {
                _square[(j * size) + i] = singular > 0 ? _eigen.Vectors[(j * size) + i] / singular : 0;
            }
        }

        Product.Transpose(_eigen.Vectors, _turned, size);
        Product.Multiply(_turned, _square, _factor, size);
        Product.Multiply(_product, _factor, _square, size);
        Product.Multiply(_square, root, _product, size);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                target[(i * size) + j] = 0.5 * (_product[(i * size) + j] + _product[(j * size) + i]);
            }
        }

        return nuclear;
    }
}
