using Microsoft.Extensions.Logging;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Decoding;
using Streams.Ingest.Publishing;

namespace Streams.Ingest.Pump;

/// <summary>What the partitions of one pump or replay share.</summary>
internal sealed record WorkServices(
    IRecordDecoder Decoder,
    IRecordSink Sink,
    IPartitionCursors Cursors,
    IResultPublisher Results,
    IDeadLetterSink DeadLetters,
    PumpOptions Options,
    TimeProvider Time,
    ILogger Logger,
    PumpCounters Counters) : IDisposable
{
    /// <summary>Where the work runs.</summary>
    public IWorkScheduler Scheduler { get; init; } = ThreadPoolScheduler.Instance;

    /// <summary>Consumer group that the records are read for; the run's name for a replay, which joins none.</summary>
    public string Group { get; init; } = "";

    public ByteBudget Budget { get; } = new(Options.Bytes(Decoder.Topic).Budget);

    /// <summary>One slot per key that is processed at the same moment. Held during a call, never during a wait.</summary>
    public CallSlots Slots { get; } = new(Options.MaxLanes);

    /// <inheritdoc cref="IRecordSink.SharesCalls"/>
    public bool SharesCalls { get; } = Sink.SharesCalls(Decoder.Topic);

    /// <summary>Waits between repetitions of a failed call.</summary>
    public Backoff Retries() => new(Options.RetryDelay, Options.MaxRetryDelay, Time, Scheduler.NextJitter);

    public void Dispose() => Budget.Dispose();
}
