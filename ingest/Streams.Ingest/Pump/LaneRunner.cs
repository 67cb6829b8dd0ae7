using System.Diagnostics;
using Confluent.Kafka;
using Streams.Ingest.Decoding;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;

namespace Streams.Ingest.Pump;

/// <summary>Carries one key's records through decoding, the sink and, where they are refused, the dead letters.</summary>
internal sealed class LaneRunner(WorkServices services, PartitionWork work)
{
    private static readonly ActivitySource Activities = new(IngestMetrics.Name);
    private readonly string _activityName = $"process {work.Id.Topic}";

    /// <summary>Runs until nothing waits in <paramref name="lane"/> or the work closes. Never throws.</summary>
    public async Task RunAsync(Lane lane)
    {
        try
        {
            do
            {
                await LingerAsync(lane);
                var batch = await RepeatAsync("decode", lane, ct => TakeBatchAsync(lane, ct));
                if (batch.Inputs.Count > 0)
                {
                    await ApplyAsync(lane, batch);
                }

                // Before the next batch: the sink forgets its refusals of a batch once a later one comes.
                foreach (var (record, error) in batch.Refused)
                {
                    await RepeatAsync("dead-letter", lane, async ct =>
                    {
                        await services.DeadLetters.PublishAsync(Letter(record, error), record, ct);
                        return true;
                    });
                    services.Counters.AddDeadLettered();
                }

                work.Complete(lane, batch.Offsets, batch.Bytes);
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

    private async Task LingerAsync(Lane lane)
    {
        if (work.WhenFull(lane, out var linger) is { } full)
        {
            await Task.WhenAny(Task.Delay(linger, services.Time, work.Draining), full);
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
                services.Logger.RecordRefused(work.Id, record.Offset.Value, e.Message);
                batch.Refused.Add((record, e));
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
        var started = services.Time.GetTimestamp();
        var rejections = await RepeatAsync("apply", lane, async ct =>
        {
            using var activity = Activities.HasListeners() ? Start(batch) : null;
            return await services.Sink.ApplyAsync(work.Id, lane.Key!, work.Epoch, batch.Inputs, ct);
        });
        foreach (var rejection in rejections)
        {
            if (batch.Find(rejection.Offset) is not { } record)
            {
                throw new InvalidOperationException($"the sink refused offset {rejection.Offset}, which the batch does not have ({rejection.Reason})");
            }

            services.Logger.RecordRefused(work.Id, rejection.Offset, rejection.Reason);
            batch.Refused.Add((record, new RecordRejectedException(rejection.Reason)));
        }

        services.Counters.AddApplied(batch.Inputs.Count - rejections.Count, services.Time.GetElapsedTime(started));
    }

    /// <summary>Repeats <paramref name="call"/> until it succeeds, holding a slot while it runs and none while it waits.</summary>
    private async Task<T> RepeatAsync<T>(string what, Lane lane, Func<CancellationToken, Task<T>> call)
    {
        var backoff = new Backoff(services.Options.RetryDelay, services.Options.MaxRetryDelay, services.Time);
        while (true)
        {
            await services.Slots.WaitAsync(work.Draining);
            try
            {
                return await call(work.Aborting);
            }
            catch (Exception e) when (e is not StaleEpochException && !work.Aborting.IsCancellationRequested)
            {
                // A timeout's outcome is unknown; the sink knows by offset what it has done.
                services.Counters.AddRetried();
                services.Logger.CallFailed(what, work.Id, lane.Key, backoff.Failures + 1, e);
            }
            finally
            {
                services.Slots.Release();
            }

            await backoff.WaitAsync(work.Draining);
        }
    }

    private Activity? Start(Batch batch)
    {
        var links = new List<ActivityLink>();
        foreach (var record in batch.Records)
        {
            if (record.Message.Headers?.TryGetLastBytes(Schemas.Envelope.Headers.TraceParent, out var parent) is true
                && ActivityContext.TryParse(System.Text.Encoding.ASCII.GetString(parent), null, isRemote: true, out var context))
            {
                links.Add(new ActivityLink(context));
            }
        }

        return Activities.StartActivity(
            ActivityKind.Consumer,
            tags: [
                new("messaging.system", "kafka"),
                new("messaging.operation.name", "process"),
                new("messaging.destination.name", work.Id.Topic),
                new("messaging.destination.partition.id", work.Id.Partition),
                new("messaging.batch.message_count", batch.Inputs.Count),
                new("streams.run", work.Id.Run)],
            links: links,
            name: _activityName);
    }

    private DeadLetter Letter(ConsumeResult<byte[]?, byte[]?> record, Exception error) => new(
        work.Id.Run,
        work.Id.Topic,
        work.Id.Partition,
        record.Offset.Value,
        new DateTimeOffset(record.Message.Timestamp.UtcDateTime),
        error is RecordRejectedException ? "Rejected" : error.GetType().Name,
        error.Message);

    /// <summary>The records of one call.</summary>
    private sealed class Batch
    {
        public List<ConsumeResult<byte[]?, byte[]?>> Records { get; } = [];

        public List<InputRecord> Inputs { get; } = [];

        public List<long> Offsets { get; } = [];

        public List<(ConsumeResult<byte[]?, byte[]?> Record, Exception Error)> Refused { get; } = [];

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
