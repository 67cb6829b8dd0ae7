using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// What the mix of both filters leaves unexplained of an entry, foretold from the two rows before: a graph vector autoregression of order 2 (after Isufi,
/// Loukas, Perraudin and Leus, "Forecasting Time Series with VARMA Recursions on Graphs", 2019) with taps for a sensor's deviation d and for its error
/// e, d less its conditional mean given the other sensors, which is d through a high-pass graph filter; and one for the mean error, an offset that
/// lasts. The five coefficients are shared by the network: ridge regression with forgetting, each row foretold before it is learned from, and shrunk by
/// how well it foretold so far, so that it fades where it helps nothing.
/// </summary>
internal sealed class GraphAutoregression(int sensors)
{
    /// <summary>Regressors of one sensor.</summary>
    public const int Taps = 5;

    private const double Memory = 0.99;
    private const double TrustMemory = 0.98;

    /// <summary>Entries whose worth of zeros the coefficients start from.</summary>
    private const double Ridge = 10;

    /// <summary>What is left of an error when a row goes by without the sensor.</summary>
    private const double Fading = 0.5;

    private const double OffsetRate = 0.1;
    private const double Limit = 10;

    private readonly double[] _coefficients = new double[Taps];

    /// <summary>N x <see cref="Taps"/>: e and d of the last row, e and d of the one before, mean e; in standard deviations.</summary>
    public double[] Past { get; private init; } = new double[sensors * Taps];

    /// <summary>Weighted sums of products of the regressors with each other, and with the errors in the last row.</summary>
    public double[] Products { get; private init; } = new double[(Taps + 1) * Taps];

    /// <summary>Weighted sums: of the squared predictions, and of predictions times errors.</summary>
    public double[] Trust { get; private init; } = new double[2];

    /// <summary>Brings the coefficients up to date, for this row's predictions.</summary>
    public void Solve()
    {
        Span<double> gram = stackalloc double[Taps * Taps];
        Products.AsSpan(0, gram.Length).CopyTo(gram);
        Products.AsSpan(gram.Length).CopyTo(_coefficients);
        for (var k = 0; k < Taps; k++)
        {
            gram[(k * Taps) + k] += Ridge;
        }

        if (!Cholesky.TryFactor(gram, Taps))
        {
            Array.Clear(_coefficients);
            return;
        }

        Cholesky.Solve(gram, Taps, _coefficients);
    }

    /// <summary>The error that is expected of an entry, to be added to its mean.</summary>
    public double Predict(int sensor) => (Trust[0] > 1e-12 ? Math.Clamp(Trust[1] / Trust[0], 0, 1) : 0) * Raw(sensor);

    /// <summary>Learns from the errors of the observed entries and the filled row; moves on by one row.</summary>
    /// <param name="errors">NaN where there was no reading.</param>
    /// <param name="deviations">From the levels.</param>
    public void Update(ReadOnlySpan<double> errors, ReadOnlySpan<double> deviations)
    {
        Scale(Products, Memory);
        Scale(Trust, TrustMemory);
        for (var i = 0; i < sensors; i++)
        {
            var past = Past.AsSpan(i * Taps, Taps);
            var seen = !double.IsNaN(errors[i]);
            var error = seen ? Math.Clamp(errors[i], -Limit, Limit) : Fading * past[0];
            if (seen)
            {
                var expected = Raw(i);
                Trust[0] += expected * expected;
                Trust[1] += expected * error;
                for (var a = 0; a < Taps; a++)
                {
                    Kernels.AddScaled(Products.AsSpan(a * Taps, Taps), past[a], past);
                }

                Kernels.AddScaled(Products.AsSpan(Taps * Taps, Taps), error, past);
                past[4] += OffsetRate * (error - past[4]);
            }

            (past[2], past[3]) = (past[0], past[1]);
            (past[0], past[1]) = (error, Math.Clamp(deviations[i], -Limit, Limit));
        }
    }

    /// <summary>Over other sensors: for each its former number, or -1.</summary>
    public GraphAutoregression Adopt(ReadOnlySpan<int> places)
    {
        var adopted = new GraphAutoregression(places.Length) { Products = Products, Trust = Trust };
        for (var i = 0; i < places.Length; i++)
        {
            if (places[i] >= 0)
            {
                Past.AsSpan(places[i] * Taps, Taps).CopyTo(adopted.Past.AsSpan(i * Taps, Taps));
            }
        }

        return adopted;
    }

    private double Raw(int sensor) => Cholesky.Dot(Past.AsSpan(sensor * Taps, Taps), _coefficients);

    private static void Scale(Span<double> numbers, double factor)
    {
        foreach (ref var number in numbers)
        {
            number *= factor;
        }
    }
}
