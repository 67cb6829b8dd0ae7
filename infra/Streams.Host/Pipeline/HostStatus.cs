using System.Diagnostics;
using Streams.Dashboard.Results;
using Streams.Dashboard.Status;
using Streams.Ingest.Pump;
using Streams.Schemas;

namespace Streams.Host.Pipeline;

/// <summary>The numbers behind <c>/api/status</c>.</summary>
internal sealed class HostStatus(
    ServiceWatch services,
    PumpSet pumps,
    RedisResultStore store,
    Latencies latencies,
    LagTimes lags,
    CaptionTruths truths,
    ISiloStatusOracle silos,
    HostCaptioner captioner) : IPipelineStatus
{
    private static readonly Dictionary<string, string[]> ResultsOf = new()
    {
        [Topics.VideoFrames] = [Topics.VideoCaptions],
        [Topics.SensorSignals] = [Topics.SensorGraphs, Topics.SensorImputed],
        [Topics.LabelSamples] = [Topics.LabelQueries, Topics.LabelModes],
    };

    // Of the process: this object is made with the first call.
    private readonly DateTimeOffset _started = new(Process.GetCurrentProcess().StartTime.ToUniversalTime());

    // What Redis said last, for as long as it says nothing. Written and read by any request; whose answer stays is all the same.
    private volatile IReadOnlyDictionary<string, long> _results = new Dictionary<string, long>();

    public async ValueTask<PipelineStatus> GetAsync(CancellationToken cancellationToken)
    {
        var (broker, redis) = (services.Broker, services.Redis);
        var results = _results = redis.Healthy ? await store.GetCountsAsync(Topics.LiveRun) : _results;
        var topics = Topics.Sources.Select(topic => ToStatus(topic, pumps[topic], results)).ToList();
        return new PipelineStatus(
            Environment.MachineName,
            _started,
            topics,
            [
                broker,
                redis,
                new ComponentStatus("pumps", pumps.IsReady, pumps.Detail),
            ])
        {
            Accuracy = truths.Accuracy,
            Silos =
            [
                .. silos.GetApproximateSiloStatuses().Where(silo => silo.Value != SiloStatus.Dead)
                    .Select(silo => new SiloState(silos.TryGetSiloName(silo.Key, out var name) ? name : "", silo.Key.Endpoint.ToString(), silo.Value.ToString()))
                    .OrderBy(silo => silo.Address, StringComparer.Ordinal),
            ],
            Devices = captioner.Model is { } model ? [.. model.Device.Split(", ").Select(device => new DeviceState(device, model.Name))] : [],
        };
    }

    private TopicStatus ToStatus(string topic, PumpStatistics pump, IReadOnlyDictionary<string, long> results) => new(
        topic,
        pump.Consumed,
        ResultsOf[topic].Sum(name => results.GetValueOrDefault(name)),
        pump.DeadLettered,
        pump.Consumed - pump.Applied - pump.DeadLettered,
        pump.Lag,
        latencies.Of(topic).Quantile(0.5) is { } p50 ? new LatencyStatus(p50, latencies.Of(topic).Quantile(0.99)!.Value) : null)
    {
        LagSeconds = lags.Of(topic)?.TotalSeconds,
    };
}
