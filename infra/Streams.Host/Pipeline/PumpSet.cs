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

    /// <summary>Every topic that the broker lets this host read has its partitions, and their lag is known.</summary>
    public bool IsReady => Judge().Status != HealthStatus.Unhealthy;

    /// <summary>One line: what is waited for, or which topics the broker refuses.</summary>
    public string Detail => Judge() is { Description: { } detail } ? detail : "all topics assigned";

    /// <summary>Records taken from the broker, over all topics, that no grain has taken yet.</summary>
    public long Waiting => _pumps.Values.Select(pump => pump.Statistics).Sum(pump => pump.Consumed - pump.Applied - pump.DeadLettered);

    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(_pumps.Values.Select(pump => pump.StartAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_pumps.Values.Select(pump => pump.StopAsync(cancellationToken)));

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Judge());

    /// <summary>
    /// A topic that the broker refuses stands still, and only an operator can mend that: the host is degraded, but serves the others, and taking it
    /// out of service would stop them as well.
    /// </summary>
    private HealthCheckResult Judge()
    {
        var all = _pumps.Values.Select(pump => pump.Statistics).ToList();
        var refused = all.Where(pump => pump.Refused is not null).ToList();
        var waiting = all.Where(pump => pump.Refused is null && !pump.IsReady).ToList();
        var detail = string.Join("; ", waiting.Select(Waits).Concat(refused.Select(Refuses)));
        return waiting.Count > 0 || refused.Count == all.Count ? HealthCheckResult.Unhealthy(detail)
            : refused.Count > 0 ? HealthCheckResult.Degraded(detail)
            : HealthCheckResult.Healthy();
    }

    private static string Refuses(PumpStatistics pump) =>
        $"{pump.Topic}: the broker refuses it ({pump.Refused}); grant this client Describe and Read on the topic and on its group";

    private static string Waits(PumpStatistics pump) =>
        pump.Partitions.FirstOrDefault(partition => partition.Problem is not null) is { } stuck
            ? $"{pump.Topic}[{stuck.Partition}]: {stuck.Problem}"
            : $"{pump.Topic}: waiting for its partitions";
}
