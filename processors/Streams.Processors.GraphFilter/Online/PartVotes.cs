using Streams.Schemas.Results;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>The edges of a network in parts. A pair that two parts hold is one when they say so on the mean.</summary>
internal sealed class PartVotes
{
    private readonly Dictionary<(int From, int To), (double Weight, double Stability, int Holders)> _votes = [];

    /// <summary>Takes the pairs of a part that its core is in.</summary>
    /// <param name="part">Its sensors.</param>
    /// <param name="learner">Of its members, in their order.</param>
    /// <param name="weights">Of its pairs; none: they count as their stability.</param>
    public void Add(NetworkPart part, OnlineGraphLearner learner, IReadOnlyList<double>? weights = null)
    {
        for (int a = 0, pair = 0; a < part.Members.Length; a++)
        {
            for (var b = a + 1; b < part.Members.Length; b++, pair++)
            {
                if (a < part.Core)
                {
                    var key = (Math.Min(part.Members[a], part.Members[b]), Math.Max(part.Members[a], part.Members[b]));
                    var vote = _votes.GetValueOrDefault(key);
                    var own = learner.StabilityOf(pair);
                    _votes[key] = (vote.Weight + (weights is null ? own : weights[pair]), vote.Stability + own, vote.Holders + 1);
                }
            }
        }
    }

    /// <summary>The edges and their stability, by the numbers of their sensors.</summary>
    public IEnumerable<(GraphEdge Edge, double Stability)> Edges() =>
        _votes.Where(vote => vote.Value.Stability > 0.5 * vote.Value.Holders)
            .Select(vote => (new GraphEdge(vote.Key.From, vote.Key.To, vote.Value.Weight / vote.Value.Holders), vote.Value.Stability / vote.Value.Holders))
            .OrderBy(vote => vote.Item1.From).ThenBy(vote => vote.Item1.To);
}
