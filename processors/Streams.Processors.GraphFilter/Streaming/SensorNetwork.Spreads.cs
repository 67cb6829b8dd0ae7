namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>How far the sensors' innovations spread.</summary>
internal sealed partial class SensorNetwork
{
    /// <summary>Variance of the logarithm of a variance from one innovation: 2 for independent Gaussian ones, more for those that are neither.</summary>
    private const double SquareNoise = 5;

    /// <summary>A variance forgets: more innovations say no more.</summary>
    private const double MostInnovations = 100;
    private const int FewestInnovations = 5;
    private const double FirstTypicalWeight = 15;
    private const double LeastTypicalWeight = 5;
    private const double MostTypicalWeight = 300;

    /// <summary>Of the row; follows from the state.</summary>
    private double _typicalWeight = FirstTypicalWeight;

    /// <summary>Median of the sensors' variances.</summary>
    private double TypicalVariance()
    {
        var known = Tracks.Where(track => track.Innovations >= 2).Select(track => track.Variance).Order().ToArray();
        return known.Length > 0 ? known[known.Length / 2] : Tracks.Select(track => track.Variance).DefaultIfEmpty(0).Max();
    }

    /// <summary>Of the first row that says something about it.</summary>
    private double FirstVariance(Dictionary<SensorTrack, double> readings)
    {
        var (sum, count) = (0d, 0);
        foreach (var track in Members)
        {
            if (readings.TryGetValue(track, out var reading) && !double.IsNaN(reading))
            {
                sum += (reading - track.Last) * (reading - track.Last);
                count++;
            }
        }

        return count == 0 ? 0 : sum / count;
    }

    /// <summary>
    /// Innovations that the typical variance is worth in a sensor's own: few where the sensors' variances differ by more than so few innovations of each explain,
    /// many where they do not (empirical Bayes, on logarithms).
    /// </summary>
    private double TypicalWeight()
    {
        double sum = 0, squares = 0, noise = 0;
        var count = 0;
        foreach (var track in Members)
        {
            if (track.Innovations >= FewestInnovations && track.Variance > 0)
            {
                var logarithm = Math.Log(track.Variance);
                (sum, squares, count) = (sum + logarithm, squares + (logarithm * logarithm), count + 1);
                noise += SquareNoise / Math.Min(track.Innovations, MostInnovations);
            }
        }

        if (count < 3)
        {
            return FirstTypicalWeight;
        }

        var between = ((squares - (sum * sum / count)) / (count - 1)) - (noise / count);
        return between > 0 ? Math.Clamp(SquareNoise / between, LeastTypicalWeight, MostTypicalWeight) : MostTypicalWeight;
    }

    private double Variance(SensorTrack track, double typical) =>
        ((_typicalWeight * typical) + (track.Innovations * track.Variance)) / (_typicalWeight + track.Innovations);
}
