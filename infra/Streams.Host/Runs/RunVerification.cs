using System.Text.Json;

namespace Streams.Host.Runs;

/// <summary>A run held against live, id by id, inside the run's frozen bounds.</summary>
/// <param name="Run">The run.</param>
/// <param name="Topics">By result topic.</param>
/// <param name="Differences">The first ones, in the order of their ids.</param>
public sealed record RunVerification(string Run, IReadOnlyList<TopicVerification> Topics, IReadOnlyList<RunDifference> Differences)
{
    /// <summary>Every id is in both, with the same value.</summary>
    public bool IsEqual => Topics.All(topic => topic.Different + topic.Missing + topic.Extra == 0);
}

/// <summary>Counts of one result topic.</summary>
/// <param name="Topic">The result topic.</param>
/// <param name="Equal">Ids with the same value in both.</param>
/// <param name="Different">Ids with another value in the run, or with two values in one of them.</param>
/// <param name="Missing">Ids of live that the run does not have.</param>
/// <param name="Extra">Ids of the run that live does not have.</param>
public sealed record TopicVerification(string Topic, long Equal, long Different, long Missing, long Extra);

/// <summary>One difference.</summary>
/// <param name="Topic">The result topic.</param>
/// <param name="Source">Source topic, partition, offset and number: the id without its run.</param>
/// <param name="Key">The key.</param>
/// <param name="Live">Live's value; null when it has none.</param>
/// <param name="InRun">The run's value; null when it has none.</param>
public sealed record RunDifference(string Topic, string Source, string Key, JsonElement? Live, JsonElement? InRun);
