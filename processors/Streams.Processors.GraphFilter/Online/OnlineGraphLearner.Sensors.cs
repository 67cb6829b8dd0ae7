namespace Streams.Processors.GraphFilter.Online;

/// <summary>Sensors that join, leave and rename, and parts of larger networks.</summary>
public sealed partial class OnlineGraphLearner
{
    /// <summary>
    /// The same network with other sensors, in the order of the rows to come. What is known of those that stay goes on from where it was.
    /// </summary>
    /// <param name="places">
    /// For each sensor its number so far, or -1 for one that is new. A renamed sensor keeps its number; one that left has no place.
    /// </param>
    /// <exception cref="ArgumentException">No sensors, a place that is not there, or one taken twice.</exception>
    public void Adopt(ReadOnlySpan<int> places)
    {
        if (places.Length is 0 or > MaxSensors)
        {
            throw new ArgumentException($"{places.Length} sensors; give 1 to {MaxSensors}", nameof(places));
        }

        var taken = new bool[Sensors];
        foreach (var place in places)
        {
            if (place < -1 || place >= Sensors || (place >= 0 && taken[place]))
            {
                throw new ArgumentException(
                    $"place {place} of {Sensors} sensors is not there or taken twice; give each former sensor at most one place, and -1 to new ones",
                    nameof(places));
            }

            if (place >= 0)
            {
                taken[place] = true;
            }
        }

        var variance = Rows == 0 ? _scale : _bank.Members[0].MeanVariance();
        (_bank, _optimiser) = (_bank.Adopt(places, variance), _optimiser.Adopt(places, variance));
        (_edges, _drift) = (_edges.Adopt(places), _drift?.Adopt(places, variance));
        var root = NewRoot(places.Length);
        if (_hasRoot)
        {
            Symmetric.Adopt(_root, places, Math.Sqrt(variance), root);
        }

        (_row, _root, Sensors) = (new float[places.Length], root, places.Length);
    }

    /// <summary>The covariance in use, for one that goes its own way.</summary>
    internal RecursiveCovariance CopyOfCovariance()
    {
        var copy = new RecursiveCovariance(Sensors, Forgetting);
        copy.Continue(_bank.Members[0]);
        _bank.Lower.CopyTo(copy.Lower);
        return copy;
    }

    /// <summary>Starts from the covariance of a part of a larger network, and learns from it some times at once.</summary>
    internal void Seed(RecursiveCovariance whole, ReadOnlySpan<int> members, long rows, int learnings)
    {
        Rows = rows;
        foreach (var member in _bank.Members)
        {
            Symmetric.Adopt(whole.Lower, members, 0, member.Lower);
            (member.Count, member.SquaredWeights) = (whole.Count, whole.SquaredWeights);
        }

        _bank.Mix();
        for (var learning = 0; learning < learnings && Sensors > 1; learning++)
        {
            Learn(Workspace.For(Sensors));
        }
    }
}
