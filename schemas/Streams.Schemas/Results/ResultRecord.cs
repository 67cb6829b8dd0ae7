using System.Text.Json;
using System.Text.Json.Serialization;

namespace Streams.Schemas.Results;

/// <summary>
/// One result as dashboards, the command line and Redis see it: <c>{"id","run","topic","key","time","type","data"}</c>.
/// On Kafka <paramref name="Data"/> is the value and the rest travels in headers.
/// </summary>
/// <param name="Id">See <see cref="ResultId"/>.</param>
/// <param name="Run">The run that made it.</param>
/// <param name="Topic">Result topic, without a run's prefix.</param>
/// <param name="Key">Camera, sensor network or labelling task.</param>
/// <param name="Time">Event time.</param>
/// <param name="Type">CloudEvents type.</param>
/// <param name="Data">The result itself.</param>
public sealed record ResultRecord(
    string Id,
    string Run,
    string Topic,
    string Key,
    DateTimeOffset Time,
    string Type,
    JsonElement Data)
{
    /// <summary>W3C trace context (the CloudEvents extension <c>traceparent</c>); null, and left out, when the result is of no trace.</summary>
    [JsonPropertyName("traceparent")]
    public string? TraceParent { get; init; }
}
