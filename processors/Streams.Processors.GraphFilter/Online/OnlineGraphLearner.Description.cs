using System.Globalization;
using Streams.Processors.GraphFilter.Learning;
using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>What is known, for those who read it: not the hot path.</summary>
public sealed partial class OnlineGraphLearner
{
    /// <summary>Variance below this share of the mean: a sensor that does not move.</summary>
    private const double DeadShare = 1e-9;

    /// <summary>Squared correlation above this: a sensor that repeats another.</summary>
    private const double RepeatShare = 1 - 1e-6;

    /// <summary>A constant mode below this share of the mean variance is none: the readings were centred across sensors.</summary>
    private const double CentredShare = 1e-6;

    private const int NamesInNote = 8;

    /// <summary>Whether the pair (<paramref name="i"/>, <paramref name="j"/>), i &lt; j, is an edge.</summary>
    public bool IsEdge(int i, int j) => _edges.IsEdge[Learning.Edges.Index(i, j, Sensors)] == 1;

    /// <summary>Numbers of the pairs that are edges, ascending; pairs are numbered (0,1), (0,2), …, (1,2), ….</summary>
    internal int[] EdgePairs()
    {
        var pairs = new List<int>();
        for (var pair = 0; pair < _edges.IsEdge.Length; pair++)
        {
            if (_edges.IsEdge[pair] == 1)
            {
                pairs.Add(pair);
            }
        }

        return [.. pairs];
    }

    internal double StabilityOf(int pair) => _edges.Stability[pair];

    /// <summary>The graph, its filter and what a reader should know of them.</summary>
    /// <param name="names">Of the sensors, for the notes; without them their numbers.</param>
    public OnlineGraph Describe(IReadOnlyList<string>? names = null)
    {
        var weights = new double[Learning.Edges.Count(Sensors)];
        _optimiser.Weights(weights);
        var mean = weights.Length == 0 ? 0 : 2 * weights.Sum() / Sensors;
        var (lowest, range) = weights.Length == 0 ? (0, 0) : EdgeTracker.Range(weights);
        var flat = range < 1e-9;
        for (var pair = 0; pair < weights.Length; pair++)
        {
            weights[pair] = flat ? 0 : (weights[pair] - lowest) / range;
        }

        var found = new List<(GraphEdge Edge, double Stability)>();
        for (int i = 0, pair = 0; i < Sensors; i++)
        {
            for (var j = i + 1; j < Sensors; j++, pair++)
            {
                if (_edges.IsEdge[pair] == 1)
                {
                    found.Add((new GraphEdge(i, j, weights[pair]), _edges.Stability[pair]));
                }
            }
        }

        found = [.. found.OrderByDescending(edge => edge.Edge.Weight)];
        return new OnlineGraph(
            Sensors, weights, _edges.Threshold, [.. found.Select(edge => edge.Edge)], [.. found.Select(edge => edge.Stability)], Sign,
            Response(mean, lowest, range), Fit, EffectiveMemory, Forgetting, Alarms, Notes(found.Count, names));
    }

    /// <summary>The sparsest representative shifts and scales the eigenvalues except the constant mode's, and leaves modes and gains as they are.</summary>
    private FilterResponse Response(double mean, double lowest, double range)
    {
        var frequencies = _optimiser.Frequencies
            .Select((x, i) => i == 0 || range < 1e-9 ? 0 : Math.Max(0, ((x * mean) - (Sensors * lowest)) / range)).ToArray();
        var average = frequencies.Average();
        return new FilterResponse(
            [.. frequencies.Select(frequency => average > 0 ? frequency / average : 0)], [.. _optimiser.Gains.Select(gain => (double)gain)]);
    }

    private List<string> Notes(int edges, IReadOnlyList<string>? names)
    {
        var notes = new List<string>();
        if (Learnings == 0)
        {
            notes.Add(Sensors < 2 ? "one sensor has no graph" : string.Create(CultureInfo.InvariantCulture, $"nothing learned yet of {Rows} rows"));
            return notes;
        }

        if (edges == 0)
        {
            notes.Add("no pair of sensors stands out: no edges");
        }

        if (_options.WithoutConstantMode && _options.Sign == FilterSign.Auto)
        {
            notes.Add("without the constant mode the sign cannot be told: low-pass assumed");
        }

        if (EffectiveMemory * ObservedShare < Sensors)
        {
            var rows = EffectiveMemory * ObservedShare;
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{rows:F0} rows are fewer than the {Sensors} sensors: the graph is a guess"));
        }

        var covariance = new double[Sensors * Sensors];
        var left = new int[Sensors];
        CopyCovariance(covariance);
        FindUsable(covariance, left);
        if (_options.Sign == FilterSign.Auto && !_options.WithoutConstantMode && IsCentred(covariance))
        {
            // A graph and its complement look alike: only a declaration can tell.
            notes.Add("the constant mode is empty: taken for a high-pass filter; if the readings were centred across sensors, declare the sign");
        }

        NoteLeft(notes, names, left, 1, "constant sensors, left out");
        NoteLeft(notes, names, left, 2, "sensors that repeat another, left out");
        return notes;
    }

    private bool IsCentred(ReadOnlySpan<double> covariance)
    {
        double sum = 0, trace = 0;
        for (var i = 0; i < Sensors; i++)
        {
            trace += covariance[(i * Sensors) + i];
            foreach (var entry in covariance.Slice(i * Sensors, Sensors))
            {
                sum += entry / Sensors;
            }
        }

        return sum < CentredShare * trace / Sensors;
    }

    private static void NoteLeft(List<string> notes, IReadOnlyList<string>? names, int[] left, int why, string text)
    {
        var which = Enumerable.Range(0, left.Length).Where(i => left[i] == why).ToArray();
        if (which.Length > 0)
        {
            var shown = string.Join(", ", which.Take(NamesInNote).Select(i => names?[i] ?? i.ToString(CultureInfo.InvariantCulture)));
            notes.Add($"{text}: {shown}{(which.Length > NamesInNote ? $" and {which.Length - NamesInNote} more" : "")}");
        }
    }
}
