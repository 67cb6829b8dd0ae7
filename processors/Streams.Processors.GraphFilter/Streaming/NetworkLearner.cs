using System.Globalization;
using Streams.Processors.GraphFilter.Filling;
using Streams.Processors.GraphFilter.Learning;
using Streams.Processors.GraphFilter.LinearAlgebra;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>
/// A learning step: the window's covariance by expectation maximisation (gaps count with their conditional mean and covariance under
/// the last model), a few steps of FiGLearn from where it stood, and the covariance that fills the next gaps: the window's, shrunk
/// towards the graph's g(L)² by N / (N + 2T).
/// </summary>
internal static class NetworkLearner
{
    /// <summary>Standardised innovations beyond this count as this.</summary>
    private const double Clip = 8;

    private const int NamesInNote = 8;

    /// <summary>Learns from the window. Null: fewer than two sensors can be used, and the model is dropped.</summary>
    public static LearnedFilterGraph? Learn(SensorNetwork network)
    {
        var options = network.Options;
        var notes = new List<string>();
        var tracks = Usable(network, notes);
        if (tracks.Length < 2)
        {
            network.Model = null;
            return null;
        }

        var names = tracks.Select(track => track.Name).ToArray();
        var before = network.Model;
        var spreads = network.Spreads();
        double[] precision;
        if (before is not null && before.Sensors.AsSpan().SequenceEqual(names))
        {
            precision = before.Precision;
        }
        else
        {
            // Other vertices than before: one round from the common mode stands in for the missing model.
            precision = CommonMode.Precision(names.Length, options.NoiseVariance);
            var (first, share) = Covariance(network, tracks, spreads, precision);
            precision = Shrink(first, CommonModel(names.Length), names.Length, share, options);
        }

        var (covariance, effective) = Covariance(network, tracks, spreads, precision);
        var root = Dense.SquareRoot(covariance, names.Length);
        var (learner, iterations) = Continue(before, names, root, options, notes);
        var point = learner.Learn(root, iterations);
        var shrunk = Shrink(covariance, point.Covariance(), names.Length, effective, options);
        Numbers.RoundToSingle(shrunk, names.Length);
        learner.Adam.RoundToSingle();
        network.Model = new LearnedModel(names, shrunk, learner);
        if (network.LateRows > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{network.LateRows} late rows left out since the start"));
        }

        return learner.Describe(point, root, notes);
    }

    private static SensorTrack[] Usable(SensorNetwork network, List<string> notes)
    {
        var needed = Math.Max(2, network.Options.MinRows / 2);
        var present = network.Tracks.Where(track => track.Present).ToArray();
        var few = present.Where(track => track.InWindow < needed).ToArray();
        var still = present.Where(track => track.InWindow >= needed && (track.IsStill || track.MeanSquare() == 0)).ToArray();
        Note(notes, few, "too few readings");
        Note(notes, still, "constant readings");
        return [.. present.Except(few).Except(still)];
    }

    private static void Note(List<string> notes, SensorTrack[] tracks, string why)
    {
        if (tracks.Length > 0)
        {
            var names = string.Join(", ", tracks.Take(NamesInNote).Select(track => track.Name));
            var more = tracks.Length > NamesInNote ? string.Create(CultureInfo.InvariantCulture, $" and {tracks.Length - NamesInNote} more") : "";
            notes.Add($"left out for {why}: {names}{more}");
        }
    }

    /// <summary>Correlations over the window with gaps in expectation, and the number of whole rows that the readings amount to.</summary>
    private static (double[] Covariance, double Effective) Covariance(
        SensorNetwork network, SensorTrack[] tracks, Dictionary<SensorTrack, double> spreads, double[] precision)
    {
        var size = tracks.Length;
        var sums = new double[size * size];
        var window = network.Options.WindowRows;
        var rows = new double[window * size];
        var missing = new List<int>();
        var used = 0;
        for (var row = 0; row < window; row++)
        {
            var values = rows.AsSpan(used * size, size);
            values.Clear();
            missing.Clear();
            for (var i = 0; i < size; i++)
            {
                var innovation = tracks[i].Innovations[row];
                if (float.IsNaN(innovation))
                {
                    missing.Add(i);
                }
                else
                {
                    values[i] = Math.Clamp(innovation / spreads[tracks[i]], -Clip, Clip);
                }
            }

            if (missing.Count == size)
            {
                continue;
            }

            used++;
            var gaps = missing.ToArray();
            var spread = ConditionalMean.Fill(precision, values, gaps);
            for (var a = 0; a < gaps.Length; a++)
            {
                for (var b = 0; b < gaps.Length; b++)
                {
                    sums[(gaps[a] * size) + gaps[b]] += spread[(a * gaps.Length) + b];
                }
            }
        }

        var covariance = Dense.AddGram(sums, rows, used, size);
        var scales = Enumerable.Range(0, size).Select(i => 1 / Math.Sqrt(covariance[(i * size) + i])).ToArray();
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                covariance[(i * size) + j] *= scales[i] * scales[j];
            }
        }

        return (covariance, tracks.Sum(track => (double)track.InWindow) / size);
    }

    /// <summary>Inverse of the covariance shrunk towards <paramref name="model"/>, with the sensors' own noise on top.</summary>
    private static double[] Shrink(double[] covariance, double[] model, int size, double effectiveRows, GraphFilterOptions options)
    {
        var share = size / (size + (2 * effectiveRows));
        var mixed = new double[size * size];
        for (var i = 0; i < mixed.Length; i++)
        {
            mixed[i] = ((1 - share) * covariance[i]) + (share * model[i]);
        }

        for (var i = 0; i < size; i++)
        {
            mixed[(i * size) + i] += options.NoiseVariance;
        }

        return Dense.InversePositive(mixed, size, options.NoiseVariance / 2);
    }

    private static double[] CommonModel(int size)
    {
        var model = new double[size * size];
        for (var i = 0; i < model.Length; i++)
        {
            model[i] = i % (size + 1) == 0 ? 1 : CommonMode.Correlation;
        }

        return model;
    }

    private static (GraphLearner Learner, int Iterations) Continue(
        LearnedModel? before, string[] names, double[] root, GraphFilterOptions options, List<string> notes)
    {
        var seen = GraphLearner.SignOf(root, names.Length);
        var sign = options.Sign != FilterSign.Auto ? options.Sign
            : seen != FilterSign.Auto ? seen
            : before?.Learner.Sign ?? FilterSign.LowPass;
        if (options.Sign != FilterSign.Auto)
        {
            notes.Add($"the sign ({options.Sign}) was declared");
        }
        else if (seen == FilterSign.Auto)
        {
            notes.Add($"the constant mode does not tell the sign: {sign} assumed");
        }

        if (before is null || before.Learner.Sign != sign)
        {
            return (GraphLearner.Start(root, names.Length, sign, withoutConstant: false), options.Iterations);
        }

        if (before.Sensors.AsSpan().SequenceEqual(names))
        {
            return (before.Learner, options.WarmIterations);
        }

        var learner = GraphLearner.Start(root, names.Length, sign, withoutConstant: false);
        return (learner.Adopt(before.Learner, [.. names.Select(name => Array.IndexOf(before.Sensors, name))]), options.WarmIterations);
    }
}
