using Streams.Processors.GraphFilter.Learning;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>
/// Which pairs are edges: those whose weight is above Otsu's threshold (1979, here over a histogram, so that time is linear in the pairs), with
/// hysteresis, and for each the share of the last learnings in which it was one.
/// </summary>
internal sealed class EdgeTracker(int sensors)
{
    private const int Bins = 2_048;

    private readonly byte[] _isEdge = new byte[Edges.Count(sensors)];
    private readonly float[] _stability = new float[Edges.Count(sensors)];

    public Span<byte> IsEdge => _isEdge;

    public Span<float> Stability => _stability;

    /// <summary>In the sparsest representative, whose weights span [0, 1]; above 1 when no pair stands out.</summary>
    public double Threshold { get; set; } = 2;

    public long Updates { get; set; }

    /// <summary>Counts one learning.</summary>
    public void Update(ReadOnlySpan<double> weights, double hysteresis, double rate)
    {
        if (weights.Length == 0)
        {
            return;
        }

        Updates++;
        var gain = (float)Math.Max(rate, 1.0 / Updates);
        var (lowest, range) = Range(weights);
        Threshold = range < 1e-9 ? 2 : Otsu(weights, lowest, range);
        for (var pair = 0; pair < weights.Length; pair++)
        {
            var weight = range < 1e-9 ? 0 : (weights[pair] - lowest) / range;
            _isEdge[pair] = weight > Threshold + (_isEdge[pair] == 1 ? -hysteresis : hysteresis) ? (byte)1 : (byte)0;
            _stability[pair] += gain * (_isEdge[pair] - _stability[pair]);
        }
    }

    /// <summary>The least weight, and the greatest less that.</summary>
    public static (double Lowest, double Range) Range(ReadOnlySpan<double> weights)
    {
        double lowest = double.MaxValue, highest = double.MinValue;
        foreach (var weight in weights)
        {
            lowest = Math.Min(lowest, weight);
            highest = Math.Max(highest, weight);
        }

        return (lowest, highest - lowest);
    }

    public EdgeTracker Adopt(ReadOnlySpan<int> places)
    {
        var adopted = new EdgeTracker(places.Length) { Threshold = Threshold, Updates = Updates };
        for (int i = 0, pair = 0; i < places.Length; i++)
        {
            for (var j = i + 1; j < places.Length; j++, pair++)
            {
                if (places[i] >= 0 && places[j] >= 0)
                {
                    var from = Edges.Index(Math.Min(places[i], places[j]), Math.Max(places[i], places[j]), sensors);
                    (adopted._isEdge[pair], adopted._stability[pair]) = (_isEdge[from], _stability[from]);
                }
            }
        }

        return adopted;
    }

    private static double Otsu(ReadOnlySpan<double> weights, double lowest, double range)
    {
        Span<int> counts = stackalloc int[Bins];
        counts.Clear();
        var scale = (Bins - 1) / range;
        foreach (var weight in weights)
        {
            counts[(int)((weight - lowest) * scale)]++;
        }

        var total = 0d;
        for (var bin = 0; bin < Bins; bin++)
        {
            total += (double)counts[bin] * bin;
        }

        double below = 0, lower = 0, best = -1, threshold = 0;
        var last = 0;
        for (var bin = 0; bin < Bins; bin++)
        {
            if (counts[bin] == 0)
            {
                continue;
            }

            // The split lies halfway between the last filled bin and this one.
            if (lower > 0)
            {
                var upper = weights.Length - lower;
                var gap = (below / lower) - ((total - below) / upper);
                if (lower * upper * gap * gap > best)
                {
                    (best, threshold) = (lower * upper * gap * gap, 0.5 * (last + bin + 1) / (Bins - 1));
                }
            }

            lower += counts[bin];
            below += (double)counts[bin] * bin;
            last = bin;
        }

        return threshold;
    }
}
