using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Streams.Dashboard.Results;
using Streams.Host.Configuration;
using Streams.Ingest;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Host.Pipeline;

/// <summary>
/// Carries results from the results topics to Redis. Redis drops what it has by id, and the cursors lie in Redis with the results: a crash of
/// either side repeats some and loses none. Results of replay runs are read, too, as soon as their topics exist.
/// </summary>
internal sealed class Projector(
    KafkaOptions kafka, RedisResultStore store, ProjectionCursors cursors, Latencies latencies, TimeProvider time, ILogger<Projector> logger)
    : BackgroundService, IHealthCheck
{
    private const int MaxBatch = 500;
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan VerifyInterval = TimeSpan.FromSeconds(5);

    // librdkafka subscribes to a topic whose name starts with ^ as a regular expression.
    private static readonly string Subscription =
        $"^(run\\.[a-z0-9-]+\\.)?({string.Join('|', Topics.Results.Select(topic => topic.Replace(".", "\\.", StringComparison.Ordinal)))})$";

    // Written by the consuming thread, read by health checks.
    private volatile bool _assigned;
    private volatile bool _redisFails;

    // Of the consuming thread: partitions held, and when their cursors were last compared.
    private readonly HashSet<TopicPartition> _held = [];
    private long _verified;

    /// <summary>Results are being read. Until then they wait on their topics.</summary>
    public bool IsReady => _assigned && !_redisFails;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            _redisFails ? HealthCheckResult.Unhealthy("the projector waits for Redis")
            : _assigned ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("the projector waits for its partitions"));

    // Consume blocks, so it has a thread of its own.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => RunAsync(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private async Task RunAsync(CancellationToken stopping)
    {
        var config = kafka.ToConsumerConfig($"{kafka.GroupId}.projector");
        // A new run's topics are noticed this fast.
        config.TopicMetadataRefreshIntervalMs = 2_000;
        // As the pumps: another host goes on with a killed one's partitions within seconds.
        config.SessionTimeoutMs = (int)kafka.SessionTimeout.TotalMilliseconds;
        config.HeartbeatIntervalMs = (int)kafka.SessionTimeout.TotalMilliseconds / 4;
        config.GroupInstanceId = kafka.GroupInstanceId;
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config)
            .SetErrorHandler((_, error) => logger.KafkaError(error.Reason))
            .SetPartitionsAssignedHandler((_, partitions) => Assign(partitions, stopping))
            .SetPartitionsRevokedHandler((_, partitions) => _held.ExceptWith(partitions.Select(partition => partition.TopicPartition)))
            .SetPartitionsLostHandler((_, partitions) => _held.ExceptWith(partitions.Select(partition => partition.TopicPartition)))
            .Build();
        consumer.Subscribe(Subscription);
        var batch = new Batch();
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                Collect(consumer, batch, stopping);
                if (batch.Next.Count > 0)
                {
                    await ProjectAsync(batch, stopping);
                    await AdvanceAsync(consumer, batch.Next, stopping);
                    // For lag tools only.
                    Commit(consumer);
                    batch = new Batch();
                }
                else if (time.GetElapsedTime(_verified) >= VerifyInterval)
                {
                    await AdvanceAsync(consumer, _held.ToDictionary(partition => partition, _ => -1L), stopping);
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

    /// <summary>Where each partition goes on. Waits for Redis: without the cursors there is nothing to do.</summary>
    private List<TopicPartitionOffset> Assign(List<TopicPartition> partitions, CancellationToken stopping)
    {
        try
        {
            var starts = RepeatAsync(() => Task.WhenAll(partitions.Select(BeginAsync)), stopping).GetAwaiter().GetResult();
            _held.UnionWith(partitions);
            _verified = time.GetTimestamp();
            _assigned = _held.Count > 0;
            return [.. starts];
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }

    private async Task<TopicPartitionOffset> BeginAsync(TopicPartition partition)
    {
        var next = await cursors.BeginAsync(partition.Topic, partition.Partition.Value);
        return new TopicPartitionOffset(partition, next < 0 ? Offset.Beginning : next);
    }

    /// <summary>Waits for a first result, then takes what is already there.</summary>
    private void Collect(IConsumer<byte[], byte[]> consumer, Batch batch, CancellationToken stopping)
    {
        for (var wait = MaxWait; batch.Results.Count < MaxBatch; wait = TimeSpan.Zero)
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
                batch.Results.Add(ResultReader.Read(record));
            }
            catch (RecordFormatException e)
            {
                // Somebody else wrote to a results topic. It is not ours to show, nor to stop for.
                logger.ResultUnreadable(record.Topic, record.Partition.Value, record.Offset.Value, e.Message);
            }

            batch.Next[record.TopicPartition] = record.Offset.Value + 1;
            consumer.StoreOffset(record);
        }
    }

    private async Task ProjectAsync(Batch batch, CancellationToken stopping)
    {
        await RepeatAsync(() => store.ProjectAsync([.. batch.Results.Select(item => item.Result)]), stopping);
        var now = time.GetUtcNow();
        foreach (var (result, published) in batch.Results)
        {
            if (published is { } from && result.Run == Topics.LiveRun)
            {
                latencies.Add(result.Id, now - from);
            }
        }
    }

    /// <summary>Moves the cursors; a partition whose server has changed since it was begun is read again from where Redis now is.</summary>
    private async Task AdvanceAsync(IConsumer<byte[], byte[]> consumer, Dictionary<TopicPartition, long> next, CancellationToken stopping)
    {
        var outcomes = await RepeatAsync(
            () => Task.WhenAll(next.Select(async at => (Partition: at.Key, Ok: await cursors.AdvanceAsync(at.Key.Topic, at.Key.Partition.Value, at.Value)))), stopping);
        _verified = time.GetTimestamp();
        foreach (var partition in outcomes.Where(outcome => !outcome.Ok && _held.Contains(outcome.Partition)).Select(outcome => outcome.Partition))
        {
            var start = await RepeatAsync(() => BeginAsync(partition), stopping);
            logger.ProjectionRewound(partition.Topic, partition.Partition.Value, start.Offset.Value);
            consumer.Seek(start);
        }
    }

    private void Commit(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            consumer.Commit();
        }
        catch (KafkaException e)
        {
            logger.KafkaError(e.Error.Reason);
        }
    }

    private async Task<T> RepeatAsync<T>(Func<Task<T>> call, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                var answer = await call().WaitAsync(stopping);
                _redisFails = false;
                return answer;
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                _redisFails = true;
                logger.ProjectionFailed(RetryDelay, e);
                await Task.Delay(RetryDelay, time, stopping);
            }
        }
    }

    /// <summary>Results on their way to Redis, and where each partition stands when they are there.</summary>
    private sealed class Batch
    {
        public List<(ResultRecord Result, DateTimeOffset? Published)> Results { get; } = [];

        public Dictionary<TopicPartition, long> Next { get; } = [];
    }
}
