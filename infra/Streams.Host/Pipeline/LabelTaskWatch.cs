using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Streams.Host.Configuration;
using Streams.Ingest;
using Streams.Ingest.Publishing;
using Streams.Ingest.Pump;
using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Labels;
using Streams.Schemas;
using Streams.Schemas.Labels;

namespace Streams.Host.Pipeline;

/// <summary>
/// Publishes definitions of open labelling tasks again, see <see cref="LabelTaskTimers"/>, so that asking again and deadlines need no client. The
/// wall clock says when; what it leads to lies in the log, so that a replay needs neither. It reads nothing: <see cref="FollowedLabelTasks"/> is shown
/// what this host processes, and a task is repeated by the host alone that holds the partition of its definition, into that partition. A definition that
/// comes twice is to the estimator as one.
/// </summary>
internal sealed class LabelTaskWatch(
    StreamsOptions options,
    IConnectionMultiplexer redis,
    PumpSet pumps,
    RedisPartitionCursors cursors,
    FollowedLabelTasks tasks,
    RecordPublisher publisher,
    TimeProvider time,
    ILogger<LabelTaskWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Where all hosts together kept their tasks before they lay with their partitions.</summary>
    private readonly RedisKey _oldKey = $"{options.Orleans.ServiceId}/label-tasks";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isTakenOver = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var rest = Interval;
            try
            {
                if (!isTakenOver)
                {
                    await TakeOverAsync(stoppingToken);
                    isTakenOver = true;
                }

                await HoldAsync(stoppingToken);
                await RepeatAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                rest = RetryDelay;
                logger.LabelTaskWatchFailed(rest, e.GetBaseException().Message);
            }

            await Task.Delay(rest, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// What the version before has left. In which partition a definition was is not known: it is published as if for the first time, and whoever holds
    /// the partition that its key leads to follows it from then on. To the estimator it is a repetition, and after the task's end nothing.
    /// </summary>
    private async Task TakeOverAsync(CancellationToken stopping)
    {
        foreach (var entry in await redis.GetDatabase().HashGetAllAsync(_oldKey).WaitAsync(stopping))
        {
            try
            {
                var definition = LabelCodec.DecodeTask((byte[])entry.Value!, (string)entry.Name!);
                await publisher.PublishAsync(LabelRecords.Task(definition, time.GetUtcNow()), stopping);
            }
            catch (RecordFormatException)
            {
                // Not a definition. The version before stumbled over it, too.
            }

            await redis.GetDatabase().HashDeleteAsync(_oldKey, entry.Name).WaitAsync(stopping);
        }
    }

    /// <summary>Follows the tasks of the partitions that the pump holds now, also of those in which nothing comes.</summary>
    private async Task HoldAsync(CancellationToken stopping)
    {
        var running = pumps[Topics.LabelSamples].Partitions
            .Where(partition => partition.State == PartitionState.Running)
            .ToDictionary(partition => partition.Partition, partition => partition.Epoch);
        foreach (var partition in tasks.Held.Where(held => !running.ContainsKey(held)))
        {
            tasks.Release(partition);
        }

        foreach (var (partition, epoch) in running)
        {
            await tasks.HoldAsync(partition, epoch, stopping);
        }
    }

    private async Task RepeatAsync(CancellationToken stopping)
    {
        var due = new Queue<DueLabelTask>(tasks.Due());
        try
        {
            while (due.TryPeek(out var next))
            {
                await RepeatAsync(next, stopping);
                due.Dequeue();
            }
        }
        finally
        {
            // Due again once they are loaded anew.
            foreach (var left in due)
            {
                tasks.Release(left.Partition);
            }
        }
    }

    private async Task RepeatAsync(DueLabelTask due, CancellationToken stopping)
    {
        // Whoever does not know yet that the partition is another's sees no answers. The task lies in Redis, and the other goes on with it.
        if (!await IsOwnAsync(due.Partition, stopping))
        {
            tasks.Release(due.Partition);
            return;
        }

        var task = due.Definition.Task;
        if (due.Cause == LabelTaskTimers.Cause.Silent)
        {
            logger.LabelTaskSilent(task, LabelTaskTimers.MostSilentRepeats);
        }
        else
        {
            var record = LabelRecords.Task(due.Definition, time.GetUtcNow());
            var envelope = record.Envelope with { Subject = FollowedLabelTasks.Repeated };
            // Where the definition is, which not every client's keys lead to: what the estimator replies is seen by the partition's owner.
            await publisher.PublishAsync(
                new TopicPartition(record.Topic, due.Partition),
                Encoding.UTF8.GetBytes(record.Key),
                record.Value.ToArray(),
                [.. envelope.ToHeaders(), .. record.Headers],
                stopping);
            logger.LabelTaskRepeated(task, due.Cause);
        }

        await tasks.DoneAsync(due, stopping);
    }

    private async Task<bool> IsOwnAsync(int partition, CancellationToken stopping) =>
        tasks.EpochOf(partition) is { } epoch
        && epoch == await cursors.ReadEpochAsync(new PartitionId(Topics.LiveRun, Topics.LabelSamples, partition), stopping);
}
