using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Ingest.Publishing;
using Streams.Ingest.Sources.Labels;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;
using Headers = Streams.Schemas.Envelope.Headers;

namespace Streams.Host.Pipeline;

/// <summary>
/// Publishes definitions of open labelling tasks again, see <see cref="LabelTaskTimers"/>, so that asking again and deadlines need no client. The
/// wall clock says when; what it leads to lies in the log, so that a replay needs neither. Every host does the same, each reading all partitions: a
/// definition that comes twice is to the estimator as one. Open tasks lie in Redis and are written before the offsets move on, so that a restart goes on.
/// </summary>
internal sealed class LabelTaskWatch(
    StreamsOptions options, IConnectionMultiplexer redis, RecordPublisher publisher, TimeProvider time, ILogger<LabelTaskWatch> logger) : Follower(time)
{
    /// <summary>Subject of the events that are repetitions, by which other watches know them.</summary>
    public const string Repeated = "repeated";
    private const int MaxBatch = 500;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(250);

    /// <summary>Topics and partitions that come later are noticed this fast.</summary>
    private static readonly TimeSpan PartitionsInterval = TimeSpan.FromSeconds(5);
    private readonly RedisKey _key = $"{options.Orleans.ServiceId}/label-tasks";

    protected override void Failed(Exception error) => logger.LabelTaskWatchFailed(RetryDelay, error.GetBaseException().Message);

    protected override async Task FollowAsync(CancellationToken stopping)
    {
        // The group keeps offsets; it is not joined.
        var config = options.Kafka.ToConsumerConfig($"{options.Kafka.GroupId}.label-tasks");
        // Nobody waits for it: what the client fetches ahead, 64 MB by default, only takes memory.
        config.QueuedMaxMessagesKbytes = 4 * 1024;
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config)
            .SetValueDeserializer(Definitions.Instance)
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, error) => logger.KafkaError(error.Reason))
            .Build();
        try
        {
            // Offsets first: what another host writes to Redis in between is then read again, and never missed.
            AssignNew(consumer);
            var timers = await LoadAsync();
            var (looked, listed) = (Time.GetTimestamp(), Time.GetTimestamp());
            while (!stopping.IsCancellationRequested)
            {
                await ReadAsync(consumer, timers, stopping);
                if (Time.GetElapsedTime(looked) >= Wait)
                {
                    looked = Time.GetTimestamp();
                    await RepeatAsync(timers, stopping);
                }

                if (Time.GetElapsedTime(listed) >= PartitionsInterval)
                {
                    listed = Time.GetTimestamp();
                    AssignNew(consumer);
                }
            }
        }
        finally
        {
            consumer.Close();
        }
    }

    /// <summary>Takes the partitions that are not followed yet, each from where its offset stands, or its beginning.</summary>
    private void AssignNew(IConsumer<byte[], byte[]> consumer)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = Broker.Metadata(admin, options.Kafka.BootstrapServers).Topics
            .Where(known => known.Topic is Topics.LabelSamples or Topics.LabelQueries)
            .SelectMany(known => known.Partitions.Select(partition => new TopicPartition(known.Topic, partition.PartitionId)))
            .Except(consumer.Assignment)
            .ToList();
        if (partitions.Count > 0)
        {
            consumer.IncrementalAssign(consumer.Committed(partitions, options.StartPatience)
                .Select(start => new TopicPartitionOffset(start.TopicPartition, start.Offset == Offset.Unset ? Offset.Beginning : start.Offset)));
        }
    }

    private async Task<LabelTaskTimers> LoadAsync()
    {
        var timers = new LabelTaskTimers();
        foreach (var entry in await redis.GetDatabase().HashGetAllAsync(_key))
        {
            timers.Open(LabelCodec.DecodeTask((byte[])entry.Value!, (string)entry.Name!), Time.GetUtcNow());
        }

        return timers;
    }

    /// <summary>Takes what is there, and waits a little when nothing is.</summary>
    private async Task ReadAsync(IConsumer<byte[], byte[]> consumer, LabelTaskTimers timers, CancellationToken stopping)
    {
        var next = new Dictionary<TopicPartition, TopicPartitionOffset>();
        for (var count = 0; count < MaxBatch && consumer.Consume(count == 0 ? Wait : TimeSpan.Zero) is { } record; count++)
        {
            stopping.ThrowIfCancellationRequested();
            try
            {
                await TakeAsync(record, timers);
            }
            catch (RecordFormatException)
            {
                // The pipeline says so where it refuses it.
            }

            next[record.TopicPartition] = new TopicPartitionOffset(record.TopicPartition, record.Offset + 1);
        }

        if (next.Count > 0)
        {
            consumer.Commit(next.Values);
        }
    }

    private async Task TakeAsync(ConsumeResult<byte[], byte[]> record, LabelTaskTimers timers)
    {
        byte[]? Header(string name) => record.Message.Headers is { } headers && headers.TryGetLastBytes(name, out var bytes) ? bytes : null;

        var key = EventEnvelope.DecodeKey(record.Message.Key);
        if (record.Topic == Topics.LabelQueries)
        {
            if (!timers.Contains(key))
            {
                return;
            }

            if (ResultJson.Deserialize<LabelQuery>(record.Message.Value).Kind == LabelQueryKind.Stop)
            {
                timers.Close(key);
                await redis.GetDatabase().HashDeleteAsync(_key, key);
            }
            else
            {
                timers.Asked(key);
            }

            return;
        }

        var type = EventEnvelope.Optional(Header, Headers.Type);
        if (type is null || LabelCodec.KindOf(type) != LabelRecordKind.Task)
        {
            timers.Answered(key, Time.GetUtcNow());
        }
        else if (EventEnvelope.Optional(Header, Headers.Subject) != Repeated
            && LabelCodec.DecodeTask(record.Message.Value, key) is var definition && LabelTaskTimers.IsTimed(definition))
        {
            timers.Open(definition, Time.GetUtcNow());
            await redis.GetDatabase().HashSetAsync(_key, key, record.Message.Value, When.NotExists);
        }
    }

    /// <summary>Of the samples, which are nearly all that comes, only the key counts: their values are not copied.</summary>
    private sealed class Definitions : IDeserializer<byte[]>
    {
        public static Definitions Instance { get; } = new();

        public byte[] Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
            context.Topic == Topics.LabelQueries || IsDefinition(context.Headers) ? data.ToArray() : [];

        // What is of an unknown type is refused where it is read.
        private static bool IsDefinition(Confluent.Kafka.Headers? headers) =>
            headers is not null && headers.TryGetLastBytes(Headers.Type, out var type) && type.AsSpan().StartsWith(TaskTypes);

        private static ReadOnlySpan<byte> TaskTypes => "streams.label.task."u8;
    }

    private async Task RepeatAsync(LabelTaskTimers timers, CancellationToken stopping)
    {
        foreach (var (definition, cause) in timers.Due(Time.GetUtcNow()))
        {
            if (cause == LabelTaskTimers.Cause.Silent)
            {
                logger.LabelTaskSilent(definition.Task, LabelTaskTimers.MostSilentRepeats);
            }
            else
            {
                var record = LabelRecords.Task(definition, Time.GetUtcNow());
                await publisher.PublishAsync(record.Topic, record.Key, record.Envelope with { Subject = Repeated }, record.Value.ToArray(), record.Headers, stopping);
                logger.LabelTaskRepeated(definition.Task, cause);
            }

            if (!timers.Contains(definition.Task))
            {
                await redis.GetDatabase().HashDeleteAsync(_key, definition.Task);
            }
        }
    }
}
