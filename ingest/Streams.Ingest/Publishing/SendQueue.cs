using Confluent.Kafka;

namespace Streams.Ingest.Publishing;

/// <summary>
/// Hands records to the client in the order of the calls and never more than it takes: refused by a full client and tried again, a record
/// would be overtaken by the next one. Safe to use from any thread.
/// </summary>
internal sealed class SendQueue(long maxBytes, int maxRecords, Func<IProducer<byte[]?, byte[]?>> producer)
{
    private readonly Lock _gate = new();

    // Guarded by _gate. What the client has, and what waits for it.
    private readonly Queue<Send> _waiting = new();
    private long _bytes;
    private int _records;

    /// <summary>Completes when the record is acknowledged, or with the client's error and the producer that it came from.</summary>
    public Task<DeliveryOutcome> SendAsync(TopicPartition to, Message<byte[]?, byte[]?> message, CancellationToken ct)
    {
        var send = new Send(to, message, Size(message), ct);
        lock (_gate)
        {
            _waiting.Enqueue(send);
        }

        HandOver();
        return send.Outcome.Task.WaitAsync(ct);
    }

    private void HandOver()
    {
        lock (_gate)
        {
            // A record larger than the limit goes by itself.
            while (_waiting.TryPeek(out var next) && _records < maxRecords && (_records == 0 || _bytes + next.Bytes <= maxBytes))
            {
                _waiting.Dequeue();
                if (next.Cancelled.IsCancellationRequested)
                {
                    next.Outcome.TrySetCanceled(next.Cancelled);
                    continue;
                }

                _bytes += next.Bytes;
                _records++;
                Produce(next);
            }
        }
    }

    private void Produce(Send send)
    {
        IProducer<byte[]?, byte[]?>? to = null;
        try
        {
            to = producer();
            to.Produce(send.To, send.Message, report =>
            {
                send.Outcome.TrySetResult(new DeliveryOutcome(to, report.Error, report.Partition.Value, report.Offset.Value));
                Free(send);
                HandOver();
            });
        }
        catch (ProduceException<byte[]?, byte[]?> e)
        {
            send.Outcome.TrySetResult(new DeliveryOutcome(to, e.Error, -1, -1));
            Free(send);
        }
        catch (Exception e)
        {
            send.Outcome.TrySetException(e);
            Free(send);
        }
    }

    private void Free(Send send)
    {
        lock (_gate)
        {
            _bytes -= send.Bytes;
            _records--;
        }
    }

    private static long Size(Message<byte[]?, byte[]?> message) =>
        (message.Key?.Length ?? 0) + (message.Value?.Length ?? 0) + message.Headers.Sum(header => header.Key.Length + (header.GetValueBytes()?.Length ?? 0));

    private sealed record Send(TopicPartition To, Message<byte[]?, byte[]?> Message, long Bytes, CancellationToken Cancelled)
    {
        public TaskCompletionSource<DeliveryOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>What became of a record.</summary>
internal sealed record DeliveryOutcome(IProducer<byte[]?, byte[]?>? Producer, Error Error, int Partition, long Offset);
