using Confluent.Kafka;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Host.Pipeline;
using Streams.Ingest.Decoding;
using Streams.Ingest.Replay;
using Streams.Ingest.Sources.Labels;
using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.DryRun;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;

namespace Streams.Host.DryRuns;

/// <summary>Collects the histories of labelling tasks, by task, from <see cref="Topics.LabelSamples"/> or from a file.</summary>
/// <param name="names">The tasks to take; empty: all.</param>
/// <param name="options">Settings of mode estimation as live has them.</param>
internal sealed class LabelHistories(IReadOnlyCollection<string> names, ModeEstimationOptions options)
{
    private readonly Dictionary<string, TaskHistory> _histories = new(StringComparer.Ordinal);

    /// <summary>Records that break the wire contract: the pipeline dead-letters them.</summary>
    public int Malformed { get; private set; }

    /// <summary>Tasks that ask about pairs, which tell no labels.</summary>
    public int AboutPairs => _histories.Values.Count(history => history.IsAboutPairs);

    /// <summary>The histories that something can be tried on, by name.</summary>
    /// <exception cref="StreamsException">A task that was named has none, or there are none at all.</exception>
    public IReadOnlyList<TaskHistory> Usable(string where)
    {
        foreach (var name in names)
        {
            var history = _histories.GetValueOrDefault(name)
                ?? throw new StreamsException($"There is no task '{name}' {where}", "check --task and --from, or leave --task out to take all tasks");
            if (history.IsAboutPairs)
            {
                throw new StreamsException($"Task '{name}' asks about pairs, which tell no labels", "name a task of query model labels");
            }

            if (history.Labels == 0)
            {
                throw new StreamsException($"Task '{name}' has no samples {where}", "publish some with `streams publish samples`, or name another task");
            }
        }

        IReadOnlyList<TaskHistory> usable =
            [.. _histories.Values.Where(history => !history.IsAboutPairs && history.Labels > 0).OrderBy(history => history.Task, StringComparer.Ordinal)];
        return usable.Count > 0
            ? usable
            : throw new StreamsException($"There are no labelled samples {where}", "publish some with `streams publish samples`, or give a file with --source");
    }

    /// <summary>Reads a frozen part of the topic, committed records only, each partition in log order.</summary>
    public async Task ReadAsync(StreamsOptions streams, string? from, string? to, CancellationToken cancellation)
    {
        var decoder = new LabelSampleDecoder();
        foreach (var record in BoundedRead.Of(streams, Topics.LabelSamples, Plan(streams, from, to).Ranges, "dry-run", cancellation))
        {
            await TakeAsync(decoder, record, cancellation);
        }
    }

    /// <summary>Reads a table as <c>streams publish samples</c> would publish it.</summary>
    public async Task ReadAsync(string file, CancellationToken cancellation)
    {
        var source = await LabelCsvSource.OpenAsync(new LabelCsvOptions { Path = file, Task = names.Count == 1 ? names.First() : null }, TimeProvider.System, cancellation);
        var row = 0L;
        await foreach (var record in source.ReadAsync(cancellation))
        {
            Add(record.Key, new InputRecord(0, row++, record.Envelope.Time, record.Envelope.Type, record.Value));
        }
    }

    private static ReplayPlan Plan(StreamsOptions streams, string? from, string? to)
    {
        try
        {
            return ReplayPlan.Resolve(streams.Kafka, Topics.LabelSamples, from, to);
        }
        catch (ReplayBoundException e)
        {
            throw new StreamsException($"Dry run: {e.Message}", "mend --from or --to, or name another broker with --kafka");
        }
        catch (KafkaException e)
        {
            throw Broker.Unreachable(streams.Kafka.BootstrapServers, e.Error.Reason);
        }
    }

    private async ValueTask TakeAsync(LabelSampleDecoder decoder, ConsumeResult<byte[]?, byte[]?> record, CancellationToken cancellation)
    {
        try
        {
            var key = EventEnvelope.DecodeKey(record.Message.Key);
            if (names.Count == 0 || names.Contains(key))
            {
                Add(key, await decoder.DecodeAsync(record, key, cancellation));
            }
        }
        catch (RecordFormatException)
        {
            Malformed++;
        }
    }

    private void Add(string task, InputRecord record)
    {
        if (names.Count > 0 && !names.Contains(task))
        {
            return;
        }

        if (!_histories.TryGetValue(task, out var history))
        {
            _histories[task] = history = new TaskHistory(task, options);
        }

        history.Add(record);
    }
}
