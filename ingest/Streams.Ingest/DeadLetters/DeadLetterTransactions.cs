using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Streams.Ingest.DeadLetters;

/// <summary>Writes groups of records, each group whole or not at all, as long as nobody else has started to do so on the same dead-letter topic.</summary>
internal sealed class DeadLetterTransactions : IDisposable
{
    private static readonly TimeSpan TransactionTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DeliveryTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly Action<DeadLetterStep> _onStep;

    // Written by the client's thread, read by the caller's.
    private volatile Error? _fatal;

    public DeadLetterTransactions(KafkaOptions kafka, DeadLetterTopic topic, ILogger logger, Action<DeadLetterStep> onStep)
    {
        _onStep = onStep;
        var config = new ProducerConfig(new Dictionary<string, string>(kafka.Properties))
        {
            BootstrapServers = kafka.BootstrapServers,
            ClientId = kafka.ClientId,
            TransactionalId = topic.TransactionalId,
            TransactionTimeoutMs = (int)TransactionTimeout.TotalMilliseconds,
            MessageTimeoutMs = (int)DeliveryTimeout.TotalMilliseconds,
            EnableIdempotence = true,
            Acks = Acks.All,
            CompressionType = CompressionType.Lz4,
            MessageMaxBytes = KafkaClients.MaxMessageBytes,
        };
        _producer = new ProducerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => KafkaClients.Forward(logger, message))
            .SetErrorHandler((_, error) =>
            {
                if (error.IsFatal)
                {
                    _fatal = error;
                }

                logger.ProducerError(error.Reason);
            })
            .Build();
    }

    /// <summary>Takes the topic over: whoever held it is fenced, and what was left open is aborted.</summary>
    /// <exception cref="KafkaException">Not done; <see cref="Explain"/> tells what it means.</exception>
    public void TakeOver()
    {
        _producer.InitTransactions(TransactionTimeout);
        _onStep(DeadLetterStep.Fenced);
    }

    /// <summary>Writes <paramref name="records"/> in one transaction.</summary>
    /// <returns>Null when they are; otherwise why the broker refuses one of them for good, and then none is.</returns>
    /// <exception cref="TransactionOutcomeException">It is not known whether they are written.</exception>
    /// <exception cref="DeadLetterException">They are not written.</exception>
    public Error? Commit(IReadOnlyList<(TopicPartition To, Message<byte[]?, byte[]?> Record)> records, CancellationToken ct)
    {
        var open = false;
        try
        {
            _producer.BeginTransaction();
            open = true;
            _onStep(DeadLetterStep.Begun);
            if (Deliver(records, ct) is { } refused)
            {
                Abort();
                return refused;
            }

            _onStep(DeadLetterStep.Delivered);
            // From here the outcome is the broker's: an abort after a commit that got no answer could hit either.
            open = false;
            _producer.CommitTransaction();
            _onStep(DeadLetterStep.Committed);
            return null;
        }
        catch (KafkaTxnRequiresAbortException e)
        {
            Abort();
            throw new TransactionOutcomeException(e.Error);
        }
        catch (KafkaException e) when (e is KafkaRetriableException || IsUnknown(e.Error))
        {
            throw new TransactionOutcomeException(e.Error);
        }
        catch (KafkaException e)
        {
            if (open && !e.Error.IsFatal)
            {
                Abort();
            }

            throw Explain(e.Error, e);
        }
        catch (Exception) when (open)
        {
            Abort();
            throw;
        }
    }

    /// <summary>Drops the client. A transaction that is open then is aborted by the broker after its timeout, or by the next to take over.</summary>
    public void Dispose() => _producer.Dispose();

    /// <summary>Whether nobody can say what the broker did.</summary>
    public static bool IsUnknown(Error error) =>
        !error.IsFatal && error.Code is ErrorCode.Local_TimedOut or ErrorCode.Local_MsgTimedOut or ErrorCode.RequestTimedOut or ErrorCode.Local_Transport;

    /// <summary>An error in the operator's terms.</summary>
    public DeadLetterException Explain(Error error, Exception? cause)
    {
        var root = _fatal ?? error;
        return root.Code switch
        {
            ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch or ErrorCode.InvalidProducerIdMapping => new(
                "another redrive or purge of the same dead letters has started and taken over",
                "let it finish; what was committed before is done, and repeating the command does the rest once", cause),
            ErrorCode.TransactionalIdAuthorizationFailed or ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed => new(
                $"the broker does not allow it ({root.Reason})",
                "grant this client Write on the source and the dead-letter topic and on the transactional ids that begin with streams.redrive.", cause),
            ErrorCode.Local_UnsupportedFeature => new($"the broker has no transactions ({root.Reason})", "use Apache Kafka 2.5 or later", cause),
            ErrorCode.Local_TimedOut or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport => new(
                $"the broker does not answer ({root.Reason})", "check that it is up, then repeat the command: it goes on where it stopped", cause),
            _ => new($"the broker refuses ({root.Code}: {root.Reason})", "check its log, then repeat the command: it goes on where it stopped", cause),
        };
    }

    private Error? Deliver(IReadOnlyList<(TopicPartition To, Message<byte[]?, byte[]?> Record)> records, CancellationToken ct)
    {
        var errors = new Error?[records.Count];
        // Reports can come after the caller has given up.
        var waiting = records.Count;
        var delivered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var n = 0; n < records.Count; n++)
        {
            var index = n;
            try
            {
                _producer.Produce(records[n].To, records[n].Record, report =>
                {
                    errors[index] = report.Error.IsError ? report.Error : null;
                    if (Interlocked.Decrement(ref waiting) == 0)
                    {
                        delivered.SetResult();
                    }
                });
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (IsAboutTheRecord(e.Error))
            {
                return e.Error;
            }

            _onStep(DeadLetterStep.Produced);
        }

        while (!delivered.Task.Wait(PollInterval, ct))
        {
            // The client reports every record within its delivery timeout.
        }

        // The others of a transaction that fails are purged; the record at fault has the reason.
        var failed = errors.OfType<Error>().ToList();
        return failed.Count == 0 ? null : failed.Find(IsAboutTheRecord) ?? throw new KafkaException(failed[0]);
    }

    private static bool IsAboutTheRecord(Error error) =>
        error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidRecord;

    private void Abort()
    {
        _onStep(DeadLetterStep.Aborting);
        try
        {
            _producer.AbortTransaction(DeliveryTimeout);
        }
        catch (KafkaException e) when (e.Error.IsFatal)
        {
            // Whoever has been fenced learns it here at the latest, and must not take over again.
            throw Explain(e.Error, e);
        }
        catch (KafkaException)
        {
            // The broker aborts it after its timeout, or when the next takes over; the reason that led here says more.
        }
    }
}
