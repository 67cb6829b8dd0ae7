using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Ingest.Publishing;

/// <summary>
/// Transactional producers of librdkafka. The note is a record on <see cref="Topics.Published"/>, and where it lies is committed within the same
/// transaction as the offset of the source partition in a consumer group that nobody joins: <c>GROUP.results</c>, for a replay
/// <c>GROUP.results.RUN</c>. So the newest committed note is found at once, whatever lies around it.
/// </summary>
internal sealed class KafkaResultTransactions(
    KafkaOptions kafka, PublisherOptions publisher, ResultsOptions options, ILogger<TransactionalResultPublisher> logger) : IResultTransactions
{
    /// <inheritdoc/>
    public IResultTransaction Open(PartitionId partition) => new Transaction(partition, kafka, publisher, options, logger);

    private sealed class Transaction : IResultTransaction
    {
        private readonly PartitionId _partition;
        private readonly TopicPartition _source;
        private readonly TimeSpan _patience;
        private readonly IProducer<byte[]?, byte[]?> _producer;
        private readonly IConsumer<byte[]?, byte[]?> _group;

        public Transaction(PartitionId partition, KafkaOptions kafka, PublisherOptions publisher, ResultsOptions options, ILogger logger)
        {
            _partition = partition;
            _source = new TopicPartition(partition.Topic, partition.Partition);
            _patience = publisher.DeliveryTimeout;
            var config = KafkaClients.Producer(kafka, publisher);
            config.TransactionalId = $"{kafka.GroupId}.results.{partition.Run}.{partition.Topic}.{partition.Partition}";
            config.TransactionTimeoutMs = (int)options.TransactionTimeout.TotalMilliseconds;
            // A record may not wait for longer than its transaction.
            config.MessageTimeoutMs = (int)Math.Min(publisher.DeliveryTimeout.TotalMilliseconds, options.TransactionTimeout.TotalMilliseconds);
            _producer = new ProducerBuilder<byte[]?, byte[]?>(config)
                .SetLogHandler((_, message) => KafkaClients.Forward(logger, message))
                .SetErrorHandler((_, error) => logger.ProducerError(error.Reason))
                .Build();
            var group = partition.Run == Topics.LiveRun ? $"{kafka.GroupId}.results" : $"{kafka.GroupId}.results.{partition.Run}";
            var reader = KafkaClients.Consumer(kafka, group, prefetchKilobytes: 1024, TimeSpan.FromMinutes(5));
            // The offset was committed with the note, so the note is; but other partitions' open transactions must not hide it.
            reader.IsolationLevel = IsolationLevel.ReadUncommitted;
            _group = new ConsumerBuilder<byte[]?, byte[]?>(reader)
                .SetLogHandler((_, message) => KafkaClients.Forward(logger, message))
                .SetErrorHandler((_, _) => { })
                .Build();
        }

        public string? Initialize()
        {
            try
            {
                _producer.InitTransactions(_patience);
                // Whatever an earlier producer left open has been completed or aborted by now.
                var committed = _group.Committed([_source], _patience)[0];
                return committed.Offset == Offset.Unset ? null : ReadNote(committed.Offset);
            }
            catch (KafkaException e) when (IsFenced(e.Error))
            {
                throw new StaleEpochException($"partition {_partition}: its producer was fenced by a later one ({e.Error.Reason})");
            }
        }

        public void Commit(IReadOnlyList<ResultMessage> results, string note)
        {
            Error? failure = null;
            try
            {
                _producer.BeginTransaction();
                foreach (var result in results)
                {
                    Produce(result, report => failure ??= report.Error.IsError ? report.Error : null);
                }

                Offset? noted = null;
                ProduceNote(note, report => (noted, failure) = report.Error.IsError ? (noted, failure ?? report.Error) : (report.Offset, failure));
                _producer.Flush(_patience);
                if (failure is not null || noted is null)
                {
                    // Says so when the producer was fenced; the records' own errors only say that they were given up.
                    _producer.AbortTransaction(_patience);
                    throw new KafkaException(failure ?? new Error(ErrorCode.Local_TimedOut, $"not acknowledged in {_patience}"));
                }

                _producer.SendOffsetsToTransaction([new TopicPartitionOffset(_source, noted.Value)], _group.ConsumerGroupMetadata, _patience);
                _producer.CommitTransaction(_patience);
            }
            catch (KafkaException e) when (IsFenced(e.Error))
            {
                throw new StaleEpochException($"partition {_partition}: its producer was fenced by a later one ({e.Error.Reason})");
            }
            catch (KafkaException e)
            {
                throw new PublishException(ResultRecords.Topic(results[0]), failure ?? e.Error, e);
            }
        }

        public void Dispose()
        {
            _producer.Dispose();
            _group.Dispose();
        }

        private void ProduceNote(string note, Action<DeliveryReport<byte[]?, byte[]?>> report) => _producer.Produce(
            new TopicPartition(Topics.Published, 0),
            new Message<byte[]?, byte[]?> { Key = Encoding.UTF8.GetBytes(_partition.ToString()), Value = Encoding.ASCII.GetBytes(note) },
            report);

        private string? ReadNote(Offset at)
        {
            var notes = new TopicPartition(Topics.Published, 0);
            if (_group.QueryWatermarkOffsets(notes, _patience).Low > at)
            {
                // Older than the topic's retention: no record from before it is read again.
                return null;
            }

            _group.Assign(new TopicPartitionOffset(notes, at));
            try
            {
                return _group.Consume(_patience) is { IsPartitionEOF: false } record && record.Offset == at
                    ? Encoding.ASCII.GetString(record.Message.Value!)
                    : throw new PublishException(Topics.Published, ErrorCode.Local_TimedOut, $"the note at offset {at} was not read in {_patience}; check the broker");
            }
            finally
            {
                _group.Unassign();
            }
        }

        private void Produce(ResultMessage result, Action<DeliveryReport<byte[]?, byte[]?>> report)
        {
            while (true)
            {
                try
                {
                    _producer.Produce(ResultRecords.Topic(result), ResultRecords.Message(result), report);
                    return;
                }
                catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
                {
                    _producer.Poll(TimeSpan.FromMilliseconds(50));
                }
            }
        }

        private static bool IsFenced(Error error) =>
            error.Code is ErrorCode.Local_Fenced or ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced;
    }
}
