using Microsoft.Extensions.Logging;
using Streams.Dashboard.Results;
using Streams.Ingest;

namespace Streams.Host.Pipeline;

/// <summary>Carries the results of replay runs to Redis, from when their topics exist.</summary>
internal sealed class RunProjector(
    KafkaOptions kafka, RedisResultStore store, ProjectionCursors cursors, Latencies latencies, CaptionTruths truths, TimeProvider time, ILogger<Projector> logger)
    : Projector(kafka, store, cursors, latencies, truths, time, logger)
{
    protected override string Group => "projector.runs";

    protected override string Subscription => $"^run\\.[a-z0-9-]+\\.({Names})$";

    /// <summary>Few: a live result waits for as many scripts as are before it in Redis.</summary>
    protected override int MaxBatch => 100;
}
