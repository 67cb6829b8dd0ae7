using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation;

/// <summary>An oracle that knows the labels of a whole pool and answers queries about it, for demonstrations and tests of a set-up.</summary>
public sealed class TruthOracle
{
    private readonly IReadOnlyDictionary<int, string> _truth;
    private readonly string _name;

    /// <summary>An oracle that knows the label of each sample number in <paramref name="truth"/>.</summary>
    public TruthOracle(IReadOnlyDictionary<int, string> truth, string name = "truth")
    {
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _truth = truth;
        _name = name;
    }

    /// <summary>Samples known. A task over all of them has this as its pool when they are numbered from 0 without a gap.</summary>
    public int Count => _truth.Count;

    /// <summary>An oracle for a pool whose sample i has the label <paramref name="labels"/>[i].</summary>
    public static TruthOracle Of(IEnumerable<string> labels, string name = "truth") =>
        new(labels.Select((label, sample) => (label, sample)).ToDictionary(pair => pair.sample, pair => pair.label), name);

    /// <summary>The answer to <paramref name="query"/>; null when it does not ask for a label.</summary>
    /// <exception cref="KeyNotFoundException">The query asks about a sample whose truth is not known.</exception>
    public LabelSample? Answer(LabelQuery query)
    {
        if (query.Kind != LabelQueryKind.Ask || query.Sample is not { } sample)
        {
            return null;
        }

        return new LabelSample(query.Task, sample.ToString(System.Globalization.CultureInfo.InvariantCulture), TruthOf(query, sample), _name, query.Query);
    }

    /// <summary>The answer to <paramref name="query"/>, which asks whether two samples are equal; null when it does not.</summary>
    /// <exception cref="KeyNotFoundException">The query asks about a sample whose truth is not known.</exception>
    public LabelPair? Compare(LabelQuery query) => query is { Kind: LabelQueryKind.Compare, Sample: { } sample, Other: { } other }
        ? new LabelPair(query.Task, sample, other, TruthOf(query, sample) == TruthOf(query, other), _name, query.Query)
        : null;

    private string TruthOf(LabelQuery query, int sample) =>
        _truth.TryGetValue(sample, out var label)
            ? label
            : throw new KeyNotFoundException(
                $"task '{query.Task}' asks about sample {sample}, but the truths end before it ({_truth.Count} known); give a label for each sample of the task's pool, numbered from 0");
}
