using Microsoft.Extensions.Logging;
using Streams.Ingest.Pump;

namespace Streams.Ingest.Publishing;

/// <summary>Makes the publisher that the options ask for.</summary>
public static class ResultPublishers
{
    /// <summary>Idempotent or transactional.</summary>
    public static IResultPublisher Create(
        ResultsOptions options, KafkaOptions kafka, PublisherOptions publisher, RecordPublisher records, TimeProvider time, ILoggerFactory loggers) =>
        options.Transactional
            ? new TransactionalResultPublisher(
                new KafkaResultTransactions(kafka, publisher, options, loggers.CreateLogger<TransactionalResultPublisher>()),
                options,
                time,
                ThreadPoolScheduler.Instance)
            : new ResultPublisher(records);
}
