using System.Diagnostics;
using Confluent.Kafka;
using Streams.Ingest.Decoding;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Ingest.Pump;

/// <summary>Carries one key's records through decoding, the sink and, where they are refused, the dead letters.</summary>
internal sealed class LaneRunner(WorkServices services, PartitionWork work)
{
    /// <summary>Runs until nothing waits in <paramref name="lane"/> or the work closes. Never throws.</summary>
    public Task RunAsync(Lane lane) => RunAsync(lane, StepAsync);

    /// <summary>The same with another <paramref name="step"/>, which takes a batch of the lane and carries it to its end.</summary>
    internal async Task RunAsync(Lane lane, Func<Lane, Task> step)
    {
        try
        {
            do
            {
                await LingerAsync(lane);
                await step(lane);
            }
            while (!work.TryRetire(lane, always: false));
        }
        catch (Exception e) when (work.Aborting.IsCancellationRequested || (e is OperationCanceledException && work.Draining.IsCancellationRequested))
        {
            // What is not done comes again to the next owner.
            work.TryRetire(lane, always: true);
        }
        catch (Exception e)
        {
            work.Halt(e);
            work.TryRetire(lane, always: true);
        }
    }

    private async Task StepAsync(Lane lane)
    {
        var batch = await RepeatAsync("decode", lane, ct => TakeBatchAsync(lane, ct));
        if (batch.Inputs.Count > 0)
        {
            await ApplyAsync(lane, batch);
        }

        foreach (var (record, error) in batch.Undecodable)
        {
            await DeadLetterAsync(lane, record, error, attempts: 1);
        }

        work.Complete(lane, batch.Offsets, batch.Bytes);
    }

    private async Task LingerAsync(Lane lane)
    {
        // While all slots are taken, waiting for one is time enough for company.
        if (!services.Slots.IsTaken && work.WhenFull(lane, out var linger) is { } full)
        {
            await Task.WhenAny(Task.Delay(linger, services.Time, work.Draining).Here(), full.Here());
        }
    }

    private async Task<Batch> TakeBatchAsync(Lane lane, CancellationToken ct)
    {
        var batch = new Batch();
        while (batch.Offsets.Count < services.Options.MaxBatchRecords
            && batch.Bytes < services.Options.MaxBatchBytes
            && work.TryPeek(lane, out var pending))
        {
            var record = pending.Record;
            InputRecord? input = null;
            try
            {
                // Throws the reason when the key is not valid.
                var key = lane.Key ?? EventEnvelope.DecodeKey(record.Message.Key);
                input = await services.Decoder.DecodeAsync(record, key, ct);
            }
            catch (Exception e) when (e is DecoderUnavailableException or OperationCanceledException)
            {
                if (batch.Offsets.Count > 0)
                {
                    break;
                }

                throw;
            }
            // A hostile record can make a decoder fail in any way; none of them may stop the partition.
            catch (Exception e)
            {
                batch.Undecodable.Add((record, e));
            }

            // A payload that is the record's own value costs nothing more.
            var decoded = input is null || input.Payload.Length <= (record.Message.Value?.Length ?? 0) ? 0L : input.Payload.Length;
            work.Take(lane, pending, decoded);
            batch.Add(pending, input, decoded);
        }

        return batch;
    }

    private async Task ApplyAsync(Lane lane, Batch batch)
    {
        try
        {
            await CallAsync(lane, batch, batch.Inputs);
            return;
        }
        catch (ProcessingFailedException e) when (batch.Inputs.Count == 1)
        {
            await DeadLetterAsync(lane, batch.Find(batch.Inputs[0].Offset)!, e, services.Options.MaxAttempts);
            return;
        }
        catch (ProcessingFailedException)
        {
            // One of several records is at fault: each is tried by itself.
        }

        foreach (var input in batch.Inputs)
        {
            try
            {
                await CallAsync(lane, batch, [input]);
            }
            catch (ProcessingFailedException e)
            {
                await DeadLetterAsync(lane, batch.Find(input.Offset)!, e, services.Options.MaxAttempts);
            }
        }
    }

    /// <summary>One call of the sink and all that follows from it: the sink forgets a call's results and refusals once a later one comes.</summary>
    private async Task CallAsync(Lane lane, Batch batch, IReadOnlyList<InputRecord> inputs)
    {
        var started = services.Time.GetTimestamp();
        using var activity = Start(lane, batch, inputs);
        var outcome = await RepeatAsync("apply", lane, async ct => await services.Sink.ApplyAsync(work.Id, lane.Key!, work.Lease, inputs, ct));
        if (outcome.Results.Count > 0)
        {
            await PublishAsync(lane, [.. outcome.Results.Select(result => Traced(result, batch.Find(result.SourceOffset), activity))]);
        }

        foreach (var rejection in outcome.Rejections)
        {
            var record = batch.Find(rejection.Offset)
                ?? throw new InvalidOperationException($"the sink refused offset {rejection.Offset}, which the batch does not have ({rejection.Reason})");
            await DeadLetterAsync(lane, record, new RecordRejectedException(rejection.Reason), attempts: 1);
        }

        services.Counters.AddApplied(inputs.Count - outcome.Rejections.Count, services.Time.GetElapsedTime(started));
    }

    /// <summary>Publishes results, for as long as it takes.</summary>
    internal Task PublishAsync(Lane lane, IReadOnlyList<ResultMessage> results) => RepeatAsync("publish results of", lane, async ct =>
    {
        await work.Publisher.PublishAsync(results, work.SavedCursor, ct);
        return true;
    });

    private async Task DeadLetterAsync(Lane lane, ConsumeResult<byte[]?, byte[]?> record, Exception error, int attempts)
    {
        services.Logger.RecordRefused(work.Id, record.Offset.Value, error.Message);
        await RepeatAsync("dead-letter", lane, async ct =>
        {
            await services.DeadLetters.PublishAsync(Letter(record, error, attempts), record, ct);
            return true;
        });
        services.Counters.AddDeadLettered();
    }

    /// <summary>
    /// Repeats <paramref name="call"/> until it succeeds, holding a slot while it runs and none while it waits. A processor that fails on its
    /// records is not repeated for ever.
    /// </summary>
    internal async Task<T> RepeatAsync<T>(string what, Lane lane, Func<CancellationToken, Task<T>> call)
    {
        var retries = services.Retries();
        var processingFailures = 0;
        while (true)
        {
            await services.Slots.WaitAsync(work.Draining);
            try
            {
                return await call(work.Aborting);
            }
            catch (Exception e) when (IsTransient(e) && !work.Aborting.IsCancellationRequested)
            {
                if (e is ProcessingFailedException && ++processingFailures >= services.Options.MaxAttempts)
                {
                    throw;
                }

                // A timeout's outcome is unknown; the sink knows by offset what it has done.
                services.Counters.AddRetried();
                Activity.Current?.AddEvent(new ActivityEvent("retry", tags: new() { { "exception.message", e.Message } }));
                services.Logger.CallFailed(what, work.Id, lane.Key, retries.Failures + 1, e);
            }
            finally
            {
                services.Slots.Release();
            }

            await retries.WaitAsync(work.Draining);
        }
    }

    /// <summary>State of a version that cannot be read stays so until another build comes: the partition halts and says why.</summary>
    internal static bool IsTransient(Exception e) => e is not (StaleEpochException or StoreRolledBackException or StateFormatException);

    private Activity? Start(Lane lane, Batch batch, IReadOnlyList<InputRecord> inputs) => IngestActivities.StartProcess(
        work.Id, services.Group, lane.Key!, [.. inputs.Select(input => IngestActivities.TraceParentOf(batch.Find(input.Offset)!.Message))]);

    /// <summary>Each result carries on the trace of its record: below the processing of it where that is of the same trace.</summary>
    internal static ResultMessage Traced(ResultMessage result, ConsumeResult<byte[]?, byte[]?>? record, Activity? activity)
    {
        var source = record is null ? null : IngestActivities.TraceParentOf(record.Message);
        var same = activity is not null && (source is null || source.Contains(activity.TraceId.ToHexString(), StringComparison.Ordinal));
        return same ? result with { TraceParent = activity!.Id } : source is not null ? result with { TraceParent = source } : result;
    }

    private DeadLetter Letter(ConsumeResult<byte[]?, byte[]?> record, Exception error, int attempts) => new(
        work.Id.Run,
        work.Id.Topic,
        work.Id.Partition,
        record.Offset.Value,
        new DateTimeOffset(record.Message.Timestamp.UtcDateTime),
        error switch
        {
            RecordRejectedException => "Rejected",
            ProcessingFailedException failed => failed.ExceptionType,
            _ => error.GetType().Name,
        },
        error.Message,
        attempts);

    /// <summary>The records taken at once.</summary>
    private sealed class Batch
    {
        public List<ConsumeResult<byte[]?, byte[]?>> Records { get; } = [];

        public List<InputRecord> Inputs { get; } = [];

        public List<long> Offsets { get; } = [];

        public List<(ConsumeResult<byte[]?, byte[]?> Record, Exception Error)> Undecodable { get; } = [];

        public long Bytes { get; private set; }

        public void Add(PendingRecord pending, InputRecord? input, long decodedBytes)
        {
            Records.Add(pending.Record);
            Offsets.Add(pending.Record.Offset.Value);
            Bytes += pending.Bytes + decodedBytes;
            if (input is not null)
            {
                Inputs.Add(input);
            }
        }

        public ConsumeResult<byte[]?, byte[]?>? Find(long offset) => Records.Find(record => record.Offset.Value == offset);
    }

    /// <summary>Carries a processor's refusal to where dead letters are written.</summary>
    private sealed class RecordRejectedException(string reason) : Exception(reason);
}
