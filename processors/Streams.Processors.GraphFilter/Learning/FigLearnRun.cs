using System.Globalization;
using Streams.Processors.GraphFilter.LinearAlgebra;
using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Learning;

/// <summary>One covariance, from its root to a described graph.</summary>
internal sealed class FigLearnRun(double[] covariance, int sensors, FigLearnOptions options, IReadOnlyList<string> notes)
{
    /// <summary>A constant mode below this share of the mean variance is none: the readings were centred across sensors.</summary>
    private const double Centred = 1e-6;

    private readonly double[] _root = Dense.SquareRoot(covariance, sensors);
    private readonly bool _withoutConstant = options.WithoutConstantMode || options.Family == FilterFamily.InverseRoot;

    public LearnedFilterGraph Learn()
    {
        var all = notes.ToList();
        if (options.Samples < sensors)
        {
            all.Add(string.Create(CultureInfo.InvariantCulture, $"{options.Samples} readings of {sensors} sensors: too few to tell edges"));
        }

        var declared = GraphFilters.SignOf(options.Family) is var own && own != FilterSign.Auto ? own : options.Sign;
        if (declared != FilterSign.Auto)
        {
            return Learn(declared, [.. all, $"the sign ({declared}) was declared"]);
        }

        if (_withoutConstant)
        {
            return Learn(FilterSign.LowPass, [.. all, "without the constant mode the sign cannot be told: low-pass assumed"]);
        }

        if (IsCentred())
        {
            // Of a graph and of its complement alike: only a declaration can tell.
            all.Add("the constant mode is empty: taken for a high-pass filter; if the readings were centred across sensors, say so (WithoutConstantMode)");
        }

        var sign = GraphLearner.SignOf(_root, sensors);
        if (sign != FilterSign.Auto)
        {
            return Learn(sign, all);
        }

        all.Add("the constant mode does not tell the sign: the sparser graph was taken");
        var low = Learn(FilterSign.LowPass, all);
        var high = Learn(FilterSign.HighPass, all);
        return low.Edges().Count <= high.Edges().Count ? low : high;
    }

    private bool IsCentred()
    {
        double sum = covariance.Sum() / sensors, trace = 0;
        for (var i = 0; i < sensors; i++)
        {
            trace += covariance[(i * sensors) + i];
        }

        return sum < Centred * trace / sensors;
    }

    private LearnedFilterGraph Learn(FilterSign sign, IReadOnlyList<string> before)
    {
        if (options.Scheme == FigLearnScheme.Alternating)
        {
            return LearnAsPublished(sign, before);
        }

        var workspace = new SpectralWorkspace(sensors);
        var filter = GraphFilters.Create(options.Family, sign);
        var loss = new SpectralLoss(_root, workspace, filter, _withoutConstant);
        var learner = GraphLearner.Start(_root, sensors, sign, _withoutConstant);
        learner.Learn(options.Loss == TransportLoss.Bures ? new BuresLoss(_root, workspace, filter, _withoutConstant) : loss, options.Iterations);
        var relaxed = learner.Adam.Weights();
        var point = loss.At(relaxed);
        var learned = Describe(learner.Describe(point, _root, before), point, loss);
        if (!options.Unweighted || options.Samples is not { } samples || learned.Threshold > 1)
        {
            return learned;
        }

        // The threshold of largest expected F1 is for low-pass filters: of a high-pass filter's graphs it finds fewer edges than Otsu's (.67 and .78 of F1, SBM).
        var search = new EdgeSearch(new LikelihoodLoss(covariance, workspace, filter), samples);
        return search.Refine(relaxed) is { } found ? Unweighted(learned, found.Graph, found.Probability, loss)
            : sign == FilterSign.LowPass && search.EdgesToDeclare(relaxed) is { } count ? Thresholded(learned, count)
            : learned;
    }

    private static LearnedFilterGraph Thresholded(LearnedFilterGraph learned, int edges)
    {
        var order = learned.Weights.OrderDescending().ToArray();
        return edges >= order.Length ? learned : learned with { Threshold = 0.5 * (order[edges - 1] + order[edges]) };
    }

    private LearnedFilterGraph LearnAsPublished(FilterSign sign, IReadOnlyList<string> before)
    {
        var scheme = new AlternatingScheme(_root, sensors, options.Loss, options.Seed);
        scheme.Learn(options.Iterations);

        // The filter is fitted again to the rounded graph: the network's belongs to weights that are not 0 or 1.
        var loss = new SpectralLoss(_root, sensors, sign, _withoutConstant);
        var point = loss.At([.. scheme.Weights.Select(weight => weight > 0.5 ? 1.0 : 0)]);
        return new LearnedFilterGraph(sensors, scheme.Weights, 0.5, sign, Response(point), Fit(point, loss), point.Covariance(), [.. before]);
    }

    /// <summary>Edges above 1/2; on either side of it, half the mean of the relaxed weight and the probability.</summary>
    private LearnedFilterGraph Unweighted(LearnedFilterGraph learned, double[] graph, double[] probability, SpectralLoss loss)
    {
        var weights = graph.Select((edge, i) => (0.5 * edge) + (0.25 * (Math.Clamp(learned.Weights[i], 1e-9, 1 - 1e-9) + probability[i]))).ToArray();
        double lowest = weights.Min(), range = weights.Max() - lowest;
        var point = loss.At(graph);
        return learned with
        {
            Weights = [.. weights.Select(weight => range > 0 ? (weight - lowest) / range : 0)],
            Threshold = range > 0 ? (0.5 - lowest) / range : 2,
            Filter = Response(point),
            Fit = Fit(point, loss),
            Covariance = point.Covariance(),
        };
    }

    private static FilterResponse Response(SpectralLoss.Point point)
    {
        var mean = point.Points.Average();
        return new([.. point.Points.Select(x => mean > 0 ? x / mean : 0)], point.Gains);
    }

    private static double Fit(SpectralLoss.Point point, SpectralLoss loss) => loss.SquaredNorm > 0 ? Math.Sqrt(point.Loss / loss.SquaredNorm) : 0;

    /// <summary>Adds what the fit says of the model.</summary>
    private LearnedFilterGraph Describe(LearnedFilterGraph learned, SpectralLoss.Point point, SpectralLoss loss)
    {
        if (options.Samples is not { } samples || samples < sensors)
        {
            return learned;
        }

        var ratio = ModelTest.Misfit(point, samples);
        if (ratio < ModelTest.Rejected || point.Loss < ModelTest.Negligible * loss.SquaredNorm)
        {
            return learned;
        }

        var misfit = string.Create(
            CultureInfo.InvariantCulture,
            $"not identifiable: the best graph misses the readings by {ratio:G2} times their sampling error, so no monotone filter fits; "
            + $"a band-pass filter leaves no graph to be told");
        return learned with { Notes = [.. learned.Notes, misfit] };
    }
}
