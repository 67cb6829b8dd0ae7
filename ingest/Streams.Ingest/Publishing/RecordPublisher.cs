using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.Publishing;

/// <summary>
/// Writes records, each once however often the network makes the client repeat, acknowledged by all replicas in sync.
/// Calls made at the same time share requests. Safe to use from any thread.
/// </summary>
public sealed class RecordPublisher : IAsyncDisposable
{
    private const int MaxQueuedRecords = 50_000;

    private readonly KafkaOptions _kafka;
    private readonly PublisherOptions _options;
    private readonly ILogger<RecordPublisher> _logger;
    private readonly SendQueue _queue;
    private readonly Lock _gate = new();

    // Replaced under _gate; read by any thread.
    private volatile IProducer<byte[]?, byte[]?>? _producer;
    private Task _retired = Task.CompletedTask;
    private bool _disposed;

    /// <summary>Makes a publisher; the broker is contacted with the first record.</summary>
    public RecordPublisher(KafkaOptions kafka, PublisherOptions options, ILogger<RecordPublisher> logger)
    {
        (_kafka, _options, _logger) = (kafka, options, logger);
        // Half of what the client would hold, so that it never refuses.
        _queue = new SendQueue(options.QueueBytes / 2, MaxQueuedRecords, Producer);
    }

    /// <summary>Largest value that is accepted, in bytes.</summary>
    public static int MaxValueBytes => KafkaClients.MaxValueBytes;

    /// <summary>Writes an event with its context attributes as headers.</summary>
    /// <param name="topic">Where to.</param>
    /// <param name="key">Decides the partition, as Java clients would.</param>
    /// <param name="envelope">Context attributes.</param>
    /// <param name="value">The data.</param>
    /// <param name="headers">Further headers.</param>
    /// <param name="ct">Stops waiting; the record may be written nevertheless.</param>
    /// <exception cref="PublishException">Not written, or not known to be.</exception>
    public Task<(int Partition, long Offset)> PublishAsync(
        string topic,
        string key,
        EventEnvelope envelope,
        byte[]? value,
        IEnumerable<KeyValuePair<string, byte[]>>? headers = null,
        CancellationToken ct = default)
    {
        if (value?.Length > KafkaClients.MaxValueBytes)
        {
            throw new PublishException(
                topic,
                ErrorCode.MsgSizeTooLarge,
                $"a value of {value.Length} bytes is not written, at most {KafkaClients.MaxValueBytes} are allowed; "
                + "send smaller frames, shorter segments or fewer rows a record");
        }

        return PublishAsync(topic, Encoding.UTF8.GetBytes(key), value, [.. envelope.ToHeaders(), .. headers ?? []], ct);
    }

    /// <summary>Writes a record as it is.</summary>
    /// <exception cref="PublishException">Not written, or not known to be.</exception>
    public Task<(int Partition, long Offset)> PublishAsync(
        string topic, byte[]? key, byte[]? value, IEnumerable<KeyValuePair<string, byte[]>> headers, CancellationToken ct = default) =>
        PublishAsync(new TopicPartition(topic, Partition.Any), key, value, headers, ct);

    /// <summary>The same to a partition that the key need not decide.</summary>
    /// <exception cref="PublishException">Not written, or not known to be.</exception>
    public async Task<(int Partition, long Offset)> PublishAsync(
        TopicPartition to, byte[]? key, byte[]? value, IEnumerable<KeyValuePair<string, byte[]>> headers, CancellationToken ct = default)
    {
        var topic = to.Topic;
        var message = new Message<byte[]?, byte[]?> { Key = key!, Value = value!, Headers = [] };
        foreach (var (name, bytes) in headers)
        {
            message.Headers.Add(name, bytes);
        }

        ct.ThrowIfCancellationRequested();
        using var activity = IngestActivities.StartSend(topic, IngestActivities.TraceParentOf(message));
        if (activity?.Id is { } span)
        {
            message.Headers.Remove(Schemas.Envelope.Headers.TraceParent);
            message.Headers.Add(Schemas.Envelope.Headers.TraceParent, Encoding.ASCII.GetBytes(span));
        }

        var began = Stopwatch.GetTimestamp();
        // The token only stops the waiting: a record that the client has is tried until its delivery timeout.
        var outcome = await _queue.SendAsync(to, message, ct);
        IngestMetrics.Sent(topic, Stopwatch.GetElapsedTime(began), outcome.Error.IsError ? outcome.Error.Code.ToString() : null);
        if (!outcome.Error.IsError)
        {
            activity?.SetTag("messaging.destination.partition.id", outcome.Partition);
            activity?.SetTag("messaging.kafka.offset", outcome.Offset);
            return (outcome.Partition, outcome.Offset);
        }

        if (outcome.Producer is { } failed
            && (outcome.Error.IsFatal || outcome.Error.Code is ErrorCode.Local_MsgTimedOut or ErrorCode.RequestTimedOut or ErrorCode.Local_Fatal))
        {
            Replace(failed, outcome.Error);
        }

        var failure = new PublishException(topic, outcome.Error);
        activity.Fail(failure);
        throw failure;
    }

    /// <summary>Waits for what is on its way.</summary>
    public async ValueTask DisposeAsync()
    {
        IProducer<byte[]?, byte[]?>? last;
        lock (_gate)
        {
            _disposed = true;
            last = _producer;
            _producer = null;
        }

        if (last is not null)
        {
            await Task.Run(() => Retire(last));
        }

        await _retired;
    }

    private IProducer<byte[]?, byte[]?> Producer()
    {
        if (_producer is { } current)
        {
            return current;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _producer ??= Build();
        }
    }

    private IProducer<byte[]?, byte[]?> Build()
    {
        return new ProducerBuilder<byte[]?, byte[]?>(KafkaClients.Producer(_kafka, _options))
            .SetLogHandler((_, message) => KafkaClients.Forward(_logger, message))
            .SetErrorHandler((_, error) => _logger.ProducerError(error.Reason))
            .Build();
    }

    /// <summary>A producer whose record timed out may still hold it and write it later: it is not used again.</summary>
    private void Replace(IProducer<byte[]?, byte[]?> failed, Error error)
    {
        lock (_gate)
        {
            if (_producer != failed)
            {
                return;
            }

            _producer = null;
            _logger.ProducerReplaced(error.Reason);
            _retired = Task.WhenAll(_retired, Task.Run(() => Retire(failed)));
        }
    }

    /// <summary>Flushing lets every waiting call end, by success or by its timeout; disposing alone would leave them waiting for ever.</summary>
    private void Retire(IProducer<byte[]?, byte[]?> producer)
    {
        producer.Flush(_options.DeliveryTimeout + TimeSpan.FromSeconds(5));
        producer.Dispose();
    }
}
