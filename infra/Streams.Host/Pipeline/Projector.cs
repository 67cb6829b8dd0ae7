using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Streams.Dashboard.Results;
using Streams.Host.Configuration;
using Streams.Ingest;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Host.Pipeline;

/// <summary>
/// Carries results from the results topics to Redis. Redis drops what it has by id, and the group's offsets are committed only after Redis
/// has the results: a crash repeats some and loses none. Results of replay runs are read, too, as soon as their topics exist.
/// </summary>
internal sealed class Projector(
    KafkaOptions kafka, RedisResultStore store, Latencies latencies, TimeProvider time, ILogger<Projector> logger) : BackgroundService, IHealthCheck
{
    private const int MaxBatch = 500;
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    // librdkafka subscribes to a topic whose name starts with ^ as a regular expression.
    private static readonly string Subscription =
        $"^(run\\.[a-z0-9-]+\\.)?({string.Join('|', Topics.Results.Select(topic => topic.Replace(".", "\\.", StringComparison.Ordinal)))})$";

    // Written by the consuming thread, read by health checks.
    private volatile bool _assigned;

    /// <summary>Results are being read. Until then they wait on their topics.</summary>
    public bool IsReady => _assigned;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_assigned ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("the projector waits for its partitions"));

    // Consume blocks, so it has a thread of its own.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => RunAsync(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private async Task RunAsync(CancellationToken stopping)
    {
        var config = kafka.ToConsumerConfig($"{kafka.GroupId}.projector");
        // A new run's topics are noticed this fast.
        config.TopicMetadataRefreshIntervalMs = 2_000;
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config)
            .SetErrorHandler((_, error) => logger.KafkaError(error.Reason))
            .SetPartitionsAssignedHandler((_, partitions) => _assigned = partitions.Count > 0)
            .Build();
        consumer.Subscribe(Subscription);
        var batch = new List<(ResultRecord Result, DateTimeOffset? Published)>(MaxBatch);
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                Collect(consumer, batch, stopping);
                if (batch.Count > 0)
                {
                    await WriteAsync(batch, stopping);
                    consumer.Commit();
                    batch.Clear();
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        finally
        {
            consumer.Close();
        }
    }

    /// <summary>Waits for a first result, then takes what is already there.</summary>
    private void Collect(IConsumer<byte[], byte[]> consumer, List<(ResultRecord, DateTimeOffset?)> batch, CancellationToken stopping)
    {
        for (var wait = MaxWait; batch.Count < MaxBatch; wait = TimeSpan.Zero)
        {
            ConsumeResult<byte[], byte[]>? record;
            try
            {
                record = consumer.Consume(wait);
            }
            catch (ConsumeException e) when (!e.Error.IsFatal)
            {
                logger.KafkaError(e.Error.Reason);
                return;
            }

            stopping.ThrowIfCancellationRequested();
            if (record?.Message is null)
            {
                return;
            }

            try
            {
                batch.Add(ResultReader.Read(record));
            }
            catch (RecordFormatException e)
            {
                // Somebody else wrote to a results topic. It is not ours to show, nor to stop for.
                logger.ResultUnreadable(record.Topic, record.Partition.Value, record.Offset.Value, e.Message);
            }

            consumer.StoreOffset(record);
        }
    }

    private async Task WriteAsync(List<(ResultRecord Result, DateTimeOffset? Published)> batch, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await store.ProjectAsync([.. batch.Select(item => item.Result)]);
                break;
            }
            catch (Exception e) when (e is StackExchange.Redis.RedisException or TimeoutException)
            {
                logger.ProjectionFailed(RetryDelay, e);
                await Task.Delay(RetryDelay, time, stopping);
            }
        }

        var now = time.GetUtcNow();
        foreach (var (result, published) in batch)
        {
            if (published is { } from && result.Run == Topics.LiveRun)
            {
                latencies.Add(result.Id, now - from);
            }
        }
    }
}
