using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Streams.Ingest.Pump;

namespace Streams.Host.Pipeline;

/// <summary>The pumps of all source topics, started and stopped together.</summary>
internal sealed class PumpSet(IEnumerable<TopicPump> pumps) : IHostedService, IHealthCheck
{
    private readonly Dictionary<string, TopicPump> _pumps = pumps.ToDictionary(pump => pump.Topic);

    /// <summary>What one topic's pump has done.</summary>
    public PumpStatistics this[string topic] => _pumps[topic].Statistics;

    /// <summary>Every topic has its partitions, and their lag is known.</summary>
    public bool IsReady => _pumps.Values.All(pump => pump.Statistics.IsReady);

    /// <summary>Records taken from the broker, over all topics, that no grain has taken yet.</summary>
    public long Waiting => _pumps.Values.Select(pump => pump.Statistics).Sum(pump => pump.Consumed - pump.Applied - pump.DeadLettered);

    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(_pumps.Values.Select(pump => pump.StartAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_pumps.Values.Select(pump => pump.StopAsync(cancellationToken)));

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var waiting = _pumps.Values.Where(pump => !pump.Statistics.IsReady).Select(Describe).ToList();
        return Task.FromResult(waiting.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join("; ", waiting)));
    }

    private static string Describe(TopicPump pump) =>
        pump.Statistics.Partitions.FirstOrDefault(partition => partition.Problem is not null) is { } stuck
            ? $"{pump.Topic}[{stuck.Partition}]: {stuck.Problem}"
            : $"{pump.Topic}: waiting for its partitions";
}
