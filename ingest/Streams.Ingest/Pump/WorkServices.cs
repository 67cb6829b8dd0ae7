using Microsoft.Extensions.Logging;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Decoding;

namespace Streams.Ingest.Pump;

/// <summary>What the partitions of one pump or replay share.</summary>
internal sealed record WorkServices(
    IRecordDecoder Decoder,
    IRecordSink Sink,
    IPartitionCursors Cursors,
    IDeadLetterSink DeadLetters,
    PumpOptions Options,
    TimeProvider Time,
    ILogger Logger,
    PumpCounters Counters) : IDisposable
{
    public ByteBudget Budget { get; } = new(Options.ByteBudget);

    /// <summary>One slot per key that is processed at the same moment. Held during a call, never during a wait.</summary>
    public SemaphoreSlim Slots { get; } = new(Options.MaxLanes);

    public void Dispose()
    {
        Budget.Dispose();
        Slots.Dispose();
    }
}
