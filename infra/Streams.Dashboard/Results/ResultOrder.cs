using System.Globalization;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Results;

/// <summary>
/// The order of results of equal event time, as text that sorts bytewise: source offset, number within the record, partition, id.
/// It is the member of the history's sorted set, so Redis breaks ties the same way.
/// </summary>
internal static class ResultOrder
{
    /// <summary>Characters of the offset and the number within it: the part that grows within one source partition.</summary>
    public const int PositionLength = 19 + 10;

    /// <summary>Digits only before the slash: they compare alike in every locale that a Redis server may run in.</summary>
    public static string Member(string id) =>
        ResultId.TryParse(id, out var parsed)
            ? string.Create(CultureInfo.InvariantCulture, $"{parsed.Offset:D19}{parsed.N:D10}{parsed.Partition:D10}/{id}")
            : string.Create(CultureInfo.InvariantCulture, $"{0:D39}/{id}");

    /// <summary>Which source partition a result came from: results of one key and one partition arrive in the order of their position.</summary>
    public static string Source(string id) =>
        ResultId.TryParse(id, out var parsed) ? string.Create(CultureInfo.InvariantCulture, $"seen:{parsed.Topic}/{parsed.Partition}") : "seen:";
}
