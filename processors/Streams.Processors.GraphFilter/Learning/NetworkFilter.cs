using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>
/// The filter of FiGLearn: a network 1-30-30-30-30-30-30-1 with rectified units and a softplus at its end, so that g >= 0, on frequencies as
/// they are. Initialised as PyTorch does its linear layers, uniform within ±1/sqrt(inputs). Widths are padded to 32 for the products; the
/// padding stays 0.
/// </summary>
internal sealed class NetworkFilter
{
    private const int Width = 30;
    private const int Padded = 32;
    private const int Hidden = 6;

    private readonly int _points;
    private readonly double[][] _weights = new double[Hidden + 1][];
    private readonly double[][] _biases = new double[Hidden + 1][];
    private readonly double[][] _activations = new double[Hidden][];
    private readonly double[] _backward;
    private readonly double[] _transposed;
    private readonly double[] _product;
    private readonly double[] _change = new double[Padded * Padded];
    private readonly double[] _turned = new double[Padded * Padded];

    /// <param name="points">Number of frequencies.</param>
    /// <param name="random">Of the start.</param>
    public NetworkFilter(int points, Random random)
    {
        _points = points;
        Output = new double[points];
        (_backward, _transposed, _product) = (new double[points * Padded], new double[points * Padded], new double[points * Padded]);
        for (var layer = 0; layer <= Hidden; layer++)
        {
            int inputs = layer == 0 ? 1 : Width, outputs = layer == Hidden ? 1 : Width;
            var bound = 1 / Math.Sqrt(inputs);
            _weights[layer] = new double[Padded * Padded];
            _biases[layer] = new double[Padded];
            for (var j = 0; j < outputs; j++)
            {
                for (var i = 0; i < inputs; i++)
                {
                    _weights[layer][(i * Padded) + j] = bound * ((2 * random.NextDouble()) - 1);
                }

                _biases[layer][j] = bound * ((2 * random.NextDouble()) - 1);
            }

            if (layer < Hidden)
            {
                _activations[layer] = new double[points * Padded];
            }
        }
    }

    /// <summary>g at every frequency of the last pass.</summary>
    public double[] Output { get; }

    public void Forward(ReadOnlySpan<double> frequencies)
    {
        for (var layer = 0; layer < Hidden; layer++)
        {
            var units = _activations[layer];
            if (layer == 0)
            {
                for (var i = 0; i < _points; i++)
                {
                    for (var j = 0; j < Padded; j++)
                    {
                        units[(i * Padded) + j] = frequencies[i] * _weights[0][j];
                    }
                }
            }
            else
            {
                Product.Multiply(_activations[layer - 1], _weights[layer], units, _points, Padded, Padded);
            }

            for (var i = 0; i < _points; i++)
            {
                for (var j = 0; j < Padded; j++)
                {
                    units[(i * Padded) + j] = Math.Max(0, units[(i * Padded) + j] + _biases[layer][j]);
                }
            }
        }

        for (var i = 0; i < _points; i++)
        {
            var sum = _biases[Hidden][0];
            for (var j = 0; j < Width; j++)
            {
                sum += _activations[Hidden - 1][(i * Padded) + j] * _weights[Hidden][j * Padded];
            }

            // log(1 + e^sum), without overflow.
            Output[i] = Math.Max(sum, 0) + Math.Log(1 + Math.Exp(-Math.Abs(sum)));
        }
    }

    /// <summary>dg/dlambda at every frequency of the last pass.</summary>
    public void Slopes(Span<double> slopes)
    {
        StartBackward(null);
        for (var layer = Hidden - 1; layer >= 1; layer--)
        {
            ThroughLayer(layer);
        }

        for (var i = 0; i < _points; i++)
        {
            slopes[i] = Kernels.Dot(_backward.AsSpan(i * Padded, Padded), _weights[0].AsSpan(0, Padded));
        }
    }

    /// <summary>One step of gradient descent, <paramref name="outer"/> being dF/dg at every frequency.</summary>
    public void Descend(ReadOnlySpan<double> frequencies, ReadOnlySpan<double> outer, double rate)
    {
        var last = _activations[Hidden - 1];
        StartBackward(outer);
        var lastWeights = new double[Width];
        var lastBias = 0d;
        for (var i = 0; i < _points; i++)
        {
            var slope = outer[i] * (1 - Math.Exp(-Output[i]));
            lastBias += slope;
            for (var j = 0; j < Width; j++)
            {
                lastWeights[j] += slope * last[(i * Padded) + j];
            }
        }

        for (var layer = Hidden - 1; layer >= 0; layer--)
        {
            Array.Clear(_change);
            var bias = new double[Padded];
            if (layer == 0)
            {
                for (var i = 0; i < _points; i++)
                {
                    Kernels.AddScaled(_change.AsSpan(0, Padded), frequencies[i], _backward.AsSpan(i * Padded, Padded));
                }
            }
            else
            {
                Product.Transpose(_activations[layer - 1], _transposed, _points, Padded);
                Product.Multiply(_transposed, _backward, _change, Padded, _points, Padded);
            }

            for (var i = 0; i < _points; i++)
            {
                Kernels.AddScaled(bias, 1, _backward.AsSpan(i * Padded, Padded));
            }

            if (layer > 0)
            {
                ThroughLayer(layer);
            }

            Kernels.AddScaled(_weights[layer], -rate, _change);
            Kernels.AddScaled(_biases[layer], -rate, bias);
        }

        for (var j = 0; j < Width; j++)
        {
            _weights[Hidden][j * Padded] -= rate * lastWeights[j];
        }

        _biases[Hidden][0] -= rate * lastBias;
    }

    /// <summary>The derivative at the sums of the last hidden layer; null for that of g itself.</summary>
    private void StartBackward(ReadOnlySpan<double> outer)
    {
        var last = _activations[Hidden - 1];
        for (var i = 0; i < _points; i++)
        {
            // The slope of the softplus y is 1 - e^-y.
            var slope = (outer.IsEmpty ? 1 : outer[i]) * (1 - Math.Exp(-Output[i]));
            for (var j = 0; j < Padded; j++)
            {
                _backward[(i * Padded) + j] = last[(i * Padded) + j] > 0 ? slope * _weights[Hidden][j * Padded] : 0;
            }
        }
    }

    /// <summary>From the sums of a layer to those of the layer before.</summary>
    private void ThroughLayer(int layer)
    {
        Product.Transpose(_weights[layer], _turned, Padded);
        Product.Multiply(_backward, _turned, _product, _points, Padded, Padded);
        var before = _activations[layer - 1];
        for (var i = 0; i < _product.Length; i++)
        {
            _backward[i] = before[i] > 0 ? _product[i] : 0;
        }
    }
}
