using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Decoding;
using Streams.Ingest.Publishing;
using Streams.Ingest.Pump;

namespace Streams.Ingest.Replay;

/// <summary>
/// Reads a frozen part of a topic for a run of its own: the same lanes, ledger and grains as live, but no consumer group, and cursors, keys and
/// dead letters under the run's name. A run that was interrupted goes on from its own cursors.
/// </summary>
public sealed class ReplayReader(
    IRecordDecoder decoder,
    IRecordSink sink,
    IPartitionCursors cursors,
    IResultPublisher results,
    IDeadLetterSink deadLetters,
    KafkaOptions kafka,
    PumpOptions options,
    TimeProvider time,
    ILogger<ReplayReader> logger)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>How fast it may be.</summary>
    public ReplayLimits Limits { get; init; } = ReplayLimits.None;

    /// <summary>Whether live has so much to do that the run is to wait.</summary>
    public Func<bool> LiveIsBusy { get; init; } = () => false;

    /// <summary>Returns when every record of <paramref name="plan"/> is durable in <paramref name="run"/>.</summary>
    /// <exception cref="StaleEpochException">Another process has taken the run over.</exception>
    /// <exception cref="StoreRolledBackException">The store was restarted; run it again, and it goes on from its cursors.</exception>
    public async Task RunAsync(string run, ReplayPlan plan, IProgress<ReplayProgress>? progress, CancellationToken ct)
    {
        var limited = Limits.CaptionerShare is { } share and < 1 ? new DutyCycleSink(sink, share, time) : sink;
        using var services = new WorkServices(decoder, limited, cursors, results, deadLetters, options, time, logger, new PumpCounters(run, plan.Topic));
        var parts = new List<Part>();
        foreach (var range in plan.Ranges.Where(range => range.Length > 0))
        {
            var id = new PartitionId(run, plan.Topic, range.Partition);
            var lease = await cursors.AcquireAsync(id, ct);
            var start = Math.Clamp(lease.NextOffset, range.Start, range.End);
            parts.Add(new Part(range, start, new PartitionWork(services, id, lease, start)));
        }

        var before = parts.Sum(part => part.Resumed - part.Range.Start);
        var started = time.GetTimestamp();
        void Report() => progress?.Report(Progress(plan, parts, before, time.GetElapsedTime(started), services.Counters.DeadLettered));
        Report();
        try
        {
            await Task.Factory.StartNew(() => Poll(plan.Topic, parts, services, Report, ct), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await WaitUntilDurableAsync(parts, Report, ct);
        }
        finally
        {
            await Task.WhenAll(parts.Select(part => part.Work.StopAsync(options.DrainTimeout)));
        }

        Report();
    }

    private void Poll(string topic, List<Part> parts, WorkServices services, Action report, CancellationToken ct)
    {
        var unread = parts.Where(part => part.Resumed < part.Range.End).ToDictionary(part => part.Range.Partition);
        if (unread.Count == 0)
        {
            return;
        }

        // The group is a name that the client library asks for; it is never joined nor written to.
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(
                KafkaClients.Consumer(kafka, "streams.replay", options.PrefetchBytes / 1024, options.MaxPollInterval))
            .SetLogHandler((_, message) => KafkaClients.Forward(logger, message))
            .SetErrorHandler((_, error) => logger.ConsumeFailed(topic, error.Reason))
            .Build();
        consumer.Assign(unread.Values.Select(part => new TopicPartitionOffset(topic, part.Range.Partition, part.Resumed)));
        var reported = time.GetTimestamp();
        var records = Limits.RecordsPerSecond is { } most ? new TokenBucket(most, time) : null;
        var bytes = Limits.BytesPerSecond is { } mostBytes ? new TokenBucket(mostBytes, time) : null;
        while (unread.Count > 0)
        {
            ct.ThrowIfCancellationRequested();
            ThrowIfHalted(parts);
            if (time.GetElapsedTime(reported) >= ReportInterval)
            {
                reported = time.GetTimestamp();
                report();
            }

            if (LiveIsBusy())
            {
                ct.WaitHandle.WaitOne(PollInterval);
                continue;
            }

            if (!services.Budget.WaitUntilFree(PollInterval, ct) || consumer.Consume(PollInterval) is not { } record
                || !unread.TryGetValue(record.Partition.Value, out var part))
            {
                continue;
            }

            // An end that lies in a transaction's markers or a compacted gap has no record before it: position and end of file tell, too. The
            // frozen end is at most the last stable offset of then, so the end of file comes to it.
            if (record.Offset.Value >= part.Range.End)
            {
                Finish(part);
            }
            else if (record.IsPartitionEOF)
            {
                part.Work.SkipTo(record.Offset.Value);
            }
            else
            {
                part.Work.Accept(record);
                var wait = records?.Take(1) ?? TimeSpan.Zero;
                var waitBytes = bytes?.Take((record.Message.Key?.Length ?? 0) + (record.Message.Value?.Length ?? 0)) ?? TimeSpan.Zero;
                Wait(wait > waitBytes ? wait : waitBytes);
                if (record.Offset.Value + 1 >= part.Range.End)
                {
                    Finish(part);
                }
            }
        }

        // In pieces, so that progress is told and a halt is noticed meanwhile.
        void Wait(TimeSpan wait)
        {
            for (; wait > TimeSpan.Zero; wait -= ReportInterval)
            {
                ct.WaitHandle.WaitOne(wait < ReportInterval ? wait : ReportInterval);
                ct.ThrowIfCancellationRequested();
                ThrowIfHalted(parts);
                report();
            }
        }

        void Finish(Part part)
        {
            part.Work.SkipTo(part.Range.End);
            unread.Remove(part.Range.Partition);
            consumer.IncrementalUnassign([new TopicPartition(topic, part.Range.Partition)]);
        }
    }

    private async Task WaitUntilDurableAsync(List<Part> parts, Action report, CancellationToken ct)
    {
        while (parts.Any(part => part.Work.Watermark < part.Range.End))
        {
            ThrowIfHalted(parts);
            report();
            await Task.Delay(PollInterval, time, ct);
        }
    }

    private static void ThrowIfHalted(List<Part> parts)
    {
        if (parts.FirstOrDefault(part => part.Work.Halted.IsCompleted) is { } halted)
        {
            throw halted.Work.Halted.Result;
        }
    }

    private static ReplayProgress Progress(ReplayPlan plan, List<Part> parts, long before, TimeSpan elapsed, long deadLettered)
    {
        var done = parts.Sum(part => Math.Clamp(part.Work.Watermark, part.Range.Start, part.Range.End) - part.Range.Start);
        var rate = elapsed > TimeSpan.Zero ? (done - before) / elapsed.TotalSeconds : 0;
        return new ReplayProgress(done, plan.Total, elapsed, rate, rate > 0 ? TimeSpan.FromSeconds((plan.Total - done) / rate) : null, deadLettered);
    }

    private sealed record Part(ReplayRange Range, long Resumed, PartitionWork Work);
}
