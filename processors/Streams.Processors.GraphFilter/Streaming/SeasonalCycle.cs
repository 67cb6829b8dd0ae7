using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>
/// The cycle of each sensor about its level: two harmonics of a period, by ridge regression on its readings with forgetting, drawn towards the
/// network's common cycle while readings are few. How much of it is believed is learned too: the share that would have made the innovations so far
/// least, so that a network without a season has none.
/// </summary>
internal sealed class SeasonalCycle
{
    private const int Terms = 4;

    /// <summary>Numbers kept of one sensor: the lower triangle of the regressors' products, and their products with the deviations.</summary>
    public const int Moments = (Terms * (Terms + 1) / 2) + Terms;

    /// <summary>Readings that the network's cycle counts for in a sensor's own.</summary>
    private const double Prior = 24;

    private const double Memory = 0.998;

    /// <summary>Weighted sums over the observed entries: of the squared change of the cycle since the row before, and of its product with the innovation.</summary>
    public double[] Trust { get; } = new double[2];

    private readonly double[] _basis = new double[Terms];

    /// <summary>Share of the cycle that is believed.</summary>
    public double Share => Trust[0] > 1e-12 ? Math.Clamp(Trust[1] / Trust[0], 0, 1) : 0;

    /// <summary>Fills in the cycle of each of the sensors at two times, in the unit of the readings.</summary>
    public void At(TimeSpan period, long time, long before, IReadOnlyList<SensorTrack> tracks, Span<double> now, Span<double> then)
    {
        Span<double> basisThen = stackalloc double[Terms], common = stackalloc double[Terms], own = stackalloc double[Terms], all = stackalloc double[Moments];
        Basis(period, time, _basis);
        Basis(period, before, basisThen);
        all.Clear();
        foreach (var track in tracks)
        {
            Kernels.AddScaled(all, 1, track.Season);
        }

        common.Clear();
        Solve(all, common);
        for (var i = 0; i < tracks.Count; i++)
        {
            common.CopyTo(own);
            Solve(tracks[i].Season, own);
            (now[i], then[i]) = (Cholesky.Dot(own, _basis), Cholesky.Dot(own, basisThen));
        }
    }

    /// <summary>Learns from the row of <see cref="At"/>.</summary>
    /// <param name="track">The sensor.</param>
    /// <param name="deviation">Of its reading from its level without the cycle.</param>
    /// <param name="innovation">What its past without the cycle did not foretell, in standard deviations.</param>
    /// <param name="change">What the whole cycle would have foretold of that.</param>
    public void Learn(SensorTrack track, double deviation, double innovation, double change)
    {
        for (int a = 0, at = 0; a < Terms; a++)
        {
            for (var b = 0; b <= a; b++, at++)
            {
                track.Season[at] = (Memory * track.Season[at]) + (_basis[a] * _basis[b]);
            }

            ref var product = ref track.Season[Moments - Terms + a];
            product = (Memory * product) + (_basis[a] * deviation);
        }

        Trust[0] += change * change;
        Trust[1] += change * innovation;
    }

    /// <summary>Forgets, once a row.</summary>
    public void Forget()
    {
        Trust[0] *= Memory;
        Trust[1] *= Memory;
    }

    /// <summary>Overwrites the coefficients that the solution is drawn towards with the solution.</summary>
    private static void Solve(ReadOnlySpan<double> moments, Span<double> coefficients)
    {
        Span<double> gram = stackalloc double[Terms * Terms];
        for (int a = 0, at = 0; a < Terms; a++)
        {
            for (var b = 0; b <= a; b++, at++)
            {
                gram[(a * Terms) + b] = moments[at] + (a == b ? Prior : 0);
            }

            coefficients[a] = (Prior * coefficients[a]) + moments[Moments - Terms + a];
        }

        Cholesky.TryFactor(gram, Terms);
        Cholesky.Solve(gram, Terms, coefficients);
    }

    private static void Basis(TimeSpan period, long time, Span<double> basis)
    {
        var length = period.Ticks / TimeSpan.TicksPerMicrosecond;
        var phase = 2 * Math.PI * (((time % length) + length) % length) / length;
        (basis[0], basis[1], basis[2], basis[3]) = (Math.Cos(phase), Math.Sin(phase), Math.Cos(2 * phase), Math.Sin(2 * phase));
    }
}
