namespace Streams.Processors.GraphFilter.Filling;

/// <summary>
/// Weights of two predictions by sensor: <see cref="Stacking"/> of each sensor's own errors, drawn towards the network's while they are few.
/// </summary>
internal sealed class SensorStacking(int sensors)
{
    /// <summary>Numbers kept of a sensor: sums of both squares and of the products.</summary>
    private const int Moments = 3;

    /// <summary>Errors that the network's mean squares count for in a sensor's own.</summary>
    private const double Prior = 40;

    private const double Memory = 0.99;

    public Stacking Network { get; init; } = new();

    /// <summary>N x 3: exponentially weighted sums.</summary>
    public double[] Sums { get; } = new double[Moments * sensors];

    /// <summary>w of one sensor.</summary>
    public double Weight(int sensor)
    {
        if (!Network.HasWeight)
        {
            return Network.Weight;
        }

        ReadOnlySpan<double> own = Sums.AsSpan(Moments * sensor, Moments), all = Network.Moments;
        return Stacking.WeightOf(own[0] + (Prior * all[0]), own[1] + (Prior * all[1]), own[2] + (Prior * all[2]));
    }

    /// <summary>Variance of a sensor's mix of two predictions with these variances.</summary>
    public double Variance(int sensor, double first, double second) => Network.Variance(Weight(sensor), first, second);

    /// <summary>Learns from a row's errors of both, one for each of the sensors in order.</summary>
    public void Learn(ReadOnlySpan<int> observed, ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        for (var k = 0; k < observed.Length; k++)
        {
            var (a, b) = (Stacking.Limited(first[k]), Stacking.Limited(second[k]));
            var own = Sums.AsSpan(Moments * observed[k], Moments);
            (own[0], own[1], own[2]) = ((Memory * own[0]) + (a * a), (Memory * own[1]) + (b * b), (Memory * own[2]) + (a * b));
        }

        Network.Learn(first, second);
    }

    /// <summary>Over other sensors: for each its former number, or -1.</summary>
    public SensorStacking Adopt(ReadOnlySpan<int> places)
    {
        var adopted = new SensorStacking(places.Length) { Network = Network };
        for (var i = 0; i < places.Length; i++)
        {
            if (places[i] >= 0)
            {
                Sums.AsSpan(Moments * places[i], Moments).CopyTo(adopted.Sums.AsSpan(Moments * i, Moments));
            }
        }

        return adopted;
    }
}
