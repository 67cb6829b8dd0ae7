using System.Collections.Concurrent;
using Confluent.Kafka;
using Streams.Ingest.DeadLetters;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.Tests.Fakes;

internal sealed class FakeDeadLetters : IDeadLetterSink
{
    public ConcurrentQueue<DeadLetter> Letters { get; } = new();

    /// <summary>What must end before a letter counts as safe.</summary>
    public Func<DeadLetter, Task> OnPublish { get; set; } = _ => Task.CompletedTask;

    public async Task PublishAsync(DeadLetter letter, ConsumeResult<byte[]?, byte[]?> record, CancellationToken ct)
    {
        await OnPublish(letter).WaitAsync(ct);
        Letters.Enqueue(letter);
    }
}
