using Streams.Host.Telemetry;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Host.Pipeline;

/// <summary>Times from the broker's timestamp of a record to its result in Redis, by source topic.</summary>
internal sealed class Latencies
{
    private readonly Dictionary<string, LatencyWindow> _windows = Topics.Sources.ToDictionary(topic => topic, _ => new LatencyWindow());

    /// <summary>The newest of one source topic.</summary>
    public LatencyWindow Of(string sourceTopic) => _windows[sourceTopic];

    /// <summary>Takes a result into account; one whose id names no source topic is left out.</summary>
    public void Add(string resultId, TimeSpan latency)
    {
        if (ResultId.TryParse(resultId, out var id) && _windows.TryGetValue(id.Topic, out var window))
        {
            window.Add(latency);
            HostMetrics.Visible(id.Topic, latency);
        }
    }
}
