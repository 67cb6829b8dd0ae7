using System.Text.Json;
using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Streams.Dashboard.Results;
using Streams.Host.Configuration;
using Streams.Host.Telemetry;
using Streams.Ingest;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Host.Pipeline;

/// <summary>
/// Carries results from the results topics to Redis. Redis drops what it has by id, and the cursors lie in Redis with the results: a crash of
/// either side repeats some and loses none. Those of replay runs have a reader of their own, <see cref="RunProjector"/>: a backfill's thousands would
/// otherwise stand in front of the live ones in the client's queue, seconds of them.
/// </summary>
internal class Projector(
    KafkaOptions kafka, RedisResultStore store, ProjectionCursors cursors, Latencies latencies, CaptionTruths truths, TimeProvider time, ILogger<Projector> logger)
    : Follower(time), IHealthCheck
{
    /// <summary>Names of the results topics of the live run, as alternatives of a regular expression.</summary>
    protected static readonly string Names = string.Join('|', Topics.Results.Select(topic => topic.Replace(".", "\\.", StringComparison.Ordinal)));

    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan VerifyInterval = TimeSpan.FromSeconds(5);

    // Written by the consuming thread, read by health checks.
    private volatile bool _assigned;
    private volatile bool _redisFails;

    /// <summary>What the group is called after the host's.</summary>
    protected virtual string Group => "projector";

    /// <summary>The topics: to librdkafka, what starts with ^ is a regular expression.</summary>
    protected virtual string Subscription => $"^({Names})$";

    /// <summary>Results that are written at a time.</summary>
    protected virtual int MaxBatch => 500;

    /// <summary>Results are being read. Until then they wait on their topics.</summary>
    public bool IsReady => _assigned && !_redisFails;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            _redisFails ? HealthCheckResult.Unhealthy("the projector waits for Redis")
            : _assigned ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("the projector waits for its partitions"));

    // Such as a static member that another process of the same name has fenced. Results wait on their topics meanwhile.
    protected override void Failed(Exception error) => logger.ProjectorFailed(RetryDelay, error);

    protected override void Left() => _assigned = false;

    protected override async Task FollowAsync(CancellationToken stopping)
    {
        var config = kafka.ToGroupConfig($"{kafka.GroupId}.{Group}");
        // A new run's topics are noticed this fast.
        config.TopicMetadataRefreshIntervalMs = 2_000;
        // The group's offsets are for lag tools only; the client commits in the background what was stored.
        config.EnableAutoCommit = true;
        // Partitions held, and what was read of them. The handlers run inside of Consume, on the thread that calls it.
        var held = new Dictionary<TopicPartition, ProjectionStart>();
        var batch = new Batch();
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config)
            .SetErrorHandler((_, error) => logger.KafkaError(error.Reason))
            .SetPartitionsAssignedHandler((client, partitions) => Assign(client, partitions, held, stopping))
            .SetPartitionsRevokedHandler((_, partitions) => partitions.ForEach(partition => GiveUp(partition.TopicPartition)))
            .SetPartitionsLostHandler((_, partitions) => partitions.ForEach(partition => GiveUp(partition.TopicPartition)))
            .Build();
        await RepeatAsync(
            async () =>
            {
                await store.CountOnceAsync();
                return true;
            },
            stopping);
        consumer.Subscribe(Subscription);
        try
        {
            var verified = Time.GetTimestamp();
            while (!stopping.IsCancellationRequested)
            {
                batch.Clear();
                Collect(consumer, batch, stopping);
                if (batch.Next.Count > 0)
                {
                    await ProjectAsync(batch, stopping);
                    await AdvanceAsync(consumer, held, batch.Next, stopping);
                }
                else if (Time.GetElapsedTime(verified) >= VerifyInterval)
                {
                    verified = Time.GetTimestamp();
                    await AdvanceAsync(consumer, held, held.Keys.ToDictionary(partition => partition, _ => -1L), stopping);
                }
            }
        }
        finally
        {
            consumer.Close();
        }

        // The next owner begins at the cursor, which stays where it is.
        void GiveUp(TopicPartition partition)
        {
            held.Remove(partition);
            batch.Next.Remove(partition);
        }
    }

    /// <summary>Where each partition goes on. Waits for Redis: without the cursors there is nothing to do.</summary>
    private List<TopicPartitionOffset> Assign(
        IConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions, Dictionary<TopicPartition, ProjectionStart> held, CancellationToken stopping)
    {
        try
        {
            var starts = new List<TopicPartitionOffset>(partitions.Count);
            foreach (var partition in partitions)
            {
                held[partition] = BeginAsync(consumer, partition, stopping).GetAwaiter().GetResult();
                starts.Add(At(partition, held[partition]));
            }

            // A host more than there are partitions has none, and is ready to take over.
            _assigned = true;
            return starts;
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }

    private async Task<ProjectionStart> BeginAsync(IConsumer<byte[], byte[]> consumer, TopicPartition partition, CancellationToken stopping)
    {
        var start = await RepeatAsync(() => cursors.BeginAsync(partition.Topic, partition.Partition.Value), stopping);
        if (start.NextOffset <= 0 || EndOf(consumer, partition) is not { } end || start.NextOffset <= end)
        {
            return start;
        }

        logger.ProjectionRestarted(partition.Topic, partition.Partition.Value, start.NextOffset, end);
        await RepeatAsync(
            async () =>
            {
                await cursors.ForgetAsync(partition.Topic, partition.Partition.Value);
                return true;
            },
            stopping);
        return start with { NextOffset = -1 };
    }

    /// <summary>Null when the broker does not say.</summary>
    private long? EndOf(IConsumer<byte[], byte[]> consumer, TopicPartition partition)
    {
        try
        {
            return consumer.QueryWatermarkOffsets(partition, RetryDelay).High.Value;
        }
        catch (KafkaException e)
        {
            logger.KafkaError(e.Error.Reason);
            return null;
        }
    }

    private static TopicPartitionOffset At(TopicPartition partition, ProjectionStart start) =>
        new(partition, start.NextOffset < 0 ? Offset.Beginning : start.NextOffset);

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
        }
    }

    private async Task ProjectAsync(Batch batch, CancellationToken stopping)
    {
        var traces = batch.Results.Select(item => HostActivities.StartProject(item.Result, batch.Results.Count)).ToList();
        // What is followed live goes on from here.
        await RepeatAsync(
            () => store.ProjectAsync([.. batch.Results.Zip(traces, (item, trace) => trace is null ? item.Result : item.Result with { TraceParent = trace.Id })]),
            stopping);
        traces.ForEach(trace => trace?.Dispose());
        var now = Time.GetUtcNow();
        foreach (var (result, published) in batch.Results)
        {
            HostMetrics.Projected(result.Topic, result.Run);
            if (published is { } from && result.Run == Topics.LiveRun)
            {
                latencies.Add(result.Id, now - from);
            }

            if (result.Topic == Topics.VideoCaptions && result.Run == Topics.LiveRun && !truths.IsEmpty)
            {
                truths.Compare(JsonSerializer.Deserialize<Caption>(result.Data, ResultJson.Options)!);
            }
        }
    }

    /// <summary>Moves the cursors; a partition whose server has changed since it was begun is read again from where Redis now is.</summary>
    private async Task AdvanceAsync(
        IConsumer<byte[], byte[]> consumer, Dictionary<TopicPartition, ProjectionStart> held, Dictionary<TopicPartition, long> next, CancellationToken stopping)
    {
        var ours = next.ToList();
        var outcomes = await RepeatAsync(
            () => Task.WhenAll(ours.Select(at => cursors.AdvanceAsync(at.Key.Topic, at.Key.Partition.Value, held[at.Key], at.Value))), stopping);
        foreach (var ((partition, offset), isCurrent) in ours.Zip(outcomes))
        {
            if (!isCurrent)
            {
                var start = await BeginAsync(consumer, partition, stopping);
                logger.ProjectionRewound(partition.Topic, partition.Partition.Value, start.NextOffset);
                consumer.Seek(At(partition, start));
                held[partition] = start;
            }
            else if (offset >= 0)
            {
                consumer.StoreOffset(new TopicPartitionOffset(partition, offset));
            }
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
                await Task.Delay(RetryDelay, Time, stopping);
            }
        }
    }

    /// <summary>Results on their way to Redis, and where each partition stands when they are there.</summary>
    private sealed class Batch
    {
        public List<(ResultRecord Result, DateTimeOffset? Published)> Results { get; } = [];

        public Dictionary<TopicPartition, long> Next { get; } = [];

        public void Clear()
        {
            Results.Clear();
            Next.Clear();
        }
    }
}
