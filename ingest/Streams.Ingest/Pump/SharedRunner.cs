using System.Diagnostics;
using Confluent.Kafka;
using Streams.Ingest.Decoding;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Ingest.Pump;

/// <summary>
/// Carries the records of a whole partition where keys are many and light: many keys a call, one call after another. It knows only the way of records
/// with which nothing is wrong. A key of which a record cannot be decoded, fails or is refused gets a lane of its own until that is empty again: there
/// it is repeated, waited for and dead-lettered while the others go on.
/// </summary>
internal sealed class SharedRunner(WorkServices services, PartitionWork work, LaneRunner runner)
{
    /// <summary>Runs until nothing waits in <paramref name="shared"/> or the work closes. Never throws.</summary>
    public Task RunAsync(Lane shared) => runner.RunAsync(shared, StepAsync);

    private async Task StepAsync(Lane shared)
    {
        var groups = await DecodeAsync(shared, work.TakeBatch(shared));
        foreach (var group in groups.Where(group => group.IsTroubled))
        {
            work.Divert(shared, group.Key, group.Records);
        }

        var sound = groups.Where(group => !group.IsTroubled).ToList();
        if (sound.Count > 0)
        {
            await ApplyAsync(shared, sound);
        }

        var done = sound.Where(group => !group.IsTroubled).SelectMany(group => group.Records).ToList();
        work.Complete(shared, [.. done.Select(record => record.Record.Offset.Value)], done.Sum(record => record.Bytes));
    }

    private async Task<List<Group>> DecodeAsync(Lane shared, List<PendingRecord> records)
    {
        var groups = new List<Group>();
        var byKey = new Dictionary<string, Group>();
        Group? badKeys = null;
        foreach (var pending in records)
        {
            Group group;
            try
            {
                var key = EventEnvelope.DecodeKey(pending.Record.Message.Key);
                if (!byKey.TryGetValue(key, out group!))
                {
                    groups.Add(byKey[key] = group = new Group(key));
                }
            }
            catch (RecordFormatException)
            {
                if (badKeys is null)
                {
                    groups.Add(badKeys = new Group(null) { IsTroubled = true });
                }

                group = badKeys;
            }

            group.Records.Add(pending);
            if (!group.IsTroubled)
            {
                await DecodeAsync(shared, group, pending.Record);
            }
        }

        return groups;
    }

    private async ValueTask DecodeAsync(Lane shared, Group group, ConsumeResult<byte[]?, byte[]?> record)
    {
        try
        {
            group.Inputs.Add(await services.Decoder.DecodeAsync(record, group.Key!, work.Aborting));
        }
        catch (Exception e) when (e is DecoderUnavailableException or OperationCanceledException)
        {
            // Repeated until it can; when the work closes, the repetition ends instead.
            group.Inputs.Add(await runner.RepeatAsync("decode", shared, async ct => await services.Decoder.DecodeAsync(record, group.Key!, ct)));
        }
        // Found again, with its reason, in the key's own lane.
        catch (Exception)
        {
            group.IsTroubled = true;
        }
    }

    private async Task ApplyAsync(Lane shared, List<Group> groups)
    {
        var started = services.Time.GetTimestamp();
        using var activity = Start(groups);
        var keys = groups.ConvertAll(group => new KeyedRecords(group.Key!, group.Inputs));
        var outcomes = await runner.RepeatAsync("apply", shared, ct => CallAsync(keys, ct));
        var (results, applied) = (new List<ResultMessage>(), 0);
        for (var i = 0; i < outcomes.Count; i++)
        {
            var (group, outcome) = (groups[i], outcomes[i]);
            if (outcome.Failure is { } failure)
            {
                services.Counters.AddRetried();
                services.Logger.CallFailed("apply", work.Id, group.Key, 1, failure);
            }

            if (outcome.Outcome is not { Rejections.Count: 0 } good)
            {
                // What was applied is answered again there: the sink knows by offset what it has done.
                group.IsTroubled = true;
                work.Divert(shared, group.Key, group.Records);
                continue;
            }

            applied += group.Inputs.Count;
            foreach (var result in good.Results)
            {
                results.Add(LaneRunner.Traced(result, group.Find(result.SourceOffset), activity));
            }
        }

        if (results.Count > 0)
        {
            // In the order of the records, as one who read the partition alone would give them.
            await runner.PublishAsync(shared, [.. results.OrderBy(result => result.SourceOffset)]);
        }

        services.Counters.AddApplied(applied, services.Time.GetElapsedTime(started));
    }

    private async Task<IReadOnlyList<KeyOutcome>> CallAsync(List<KeyedRecords> keys, CancellationToken ct)
    {
        var outcomes = await services.Sink.ApplyAsync(work.Id, work.Lease, keys, ct);
        foreach (var outcome in outcomes)
        {
            // Of the whole partition, or of this build.
            if (outcome.Failure is { } failure && !LaneRunner.IsTransient(failure))
            {
                throw failure;
            }
        }

        return outcomes;
    }

    private Activity? Start(List<Group> groups) => IngestActivities.AreWanted
        ? IngestActivities.StartProcess(
            work.Id,
            services.Group,
            groups.Count == 1 ? groups[0].Key : null,
            [.. groups.SelectMany(group => group.Records).Select(pending => IngestActivities.TraceParentOf(pending.Record.Message))])
        : null;

    /// <summary>The records of one key in a batch.</summary>
    private sealed class Group(string? key)
    {
        public string? Key => key;

        public List<PendingRecord> Records { get; } = [];

        public List<InputRecord> Inputs { get; } = [];

        /// <summary>Goes, or went, to a lane of its own.</summary>
        public bool IsTroubled { get; set; }

        public ConsumeResult<byte[]?, byte[]?>? Find(long offset) => Records.Find(pending => pending.Record.Offset.Value == offset).Record;
    }
}
