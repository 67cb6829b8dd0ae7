using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Decoding;
using Streams.Ingest.Publishing;
using Streams.Schemas;

namespace Streams.Ingest.Pump;

/// <summary>
/// Follows one source topic as it grows: a member of the topic's consumer group that hands records to the grains.
/// One thread of its own polls the broker and never waits for work.
/// </summary>
public sealed class TopicPump : IHostedService, IAsyncDisposable
{
    private readonly KafkaOptions _kafka;
    private readonly WorkServices _services;
    private readonly IDisposable _metrics;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Written by the poll thread, read by Statistics.
    private volatile PumpAssignment? _assignment;
    private volatile bool _paused;
    private volatile string? _refused;
    private volatile bool _isMissing;
    private Thread? _thread;

    /// <summary>Makes a pump of the topic that <paramref name="decoder"/> reads.</summary>
    public TopicPump(
        IRecordDecoder decoder,
        IRecordSink sink,
        IPartitionCursors cursors,
        IResultPublisher results,
        IDeadLetterSink deadLetters,
        KafkaOptions kafka,
        PumpOptions options,
        TimeProvider time,
        ILogger<TopicPump> logger)
    {
        _kafka = kafka;
        _services = new WorkServices(
            decoder, sink, cursors, results, deadLetters, options, time, logger, new PumpCounters(Topics.LiveRun, decoder.Topic))
        {
            Group = KafkaClients.GroupId(kafka, decoder.Topic),
        };
        _metrics = IngestMetrics.Observe(() => Statistics);
    }

    /// <summary>The source topic.</summary>
    public string Topic => _services.Decoder.Topic;

    /// <summary>What it has done and holds now. Safe to read from any thread.</summary>
    public PumpStatistics Statistics
    {
        get
        {
            var assignment = _assignment;
            var partitions = assignment?.Snapshot() ?? [];
            return new(
                Topics.LiveRun,
                Topic,
                _services.Counters.Consumed,
                _services.Counters.Applied,
                _services.Counters.DeadLettered,
                _services.Counters.Retried,
                _services.Budget.Used,
                _paused,
                partitions)
            {
                // The group hands out no partition of a topic that its members cannot see.
                Refused = partitions.Count == 0 ? _refused : null,
                IsAssigned = partitions.Count > 0 || (assignment is { IsAssigned: true } && !_isMissing),
            };
        }
    }

    /// <summary>Begins to follow the topic. Reaching the broker happens in the background.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _thread = new Thread(Run) { Name = $"pump {Topic}", IsBackground = true };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Finishes what is in progress, writes the cursors and leaves the group.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        if (_thread is not null)
        {
            await _stopped.Task.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _metrics.Dispose();
        _stop.Dispose();
        _services.Dispose();
    }

    private void Run()
    {
        _services.Counters.Begin();
        _services.Logger.PumpStarted(Topic, KafkaClients.GroupId(_kafka, Topic), _kafka.BootstrapServers);
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), _services.Time, _services.Scheduler.NextJitter);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Follow();
            }
            catch (Exception e) when (!_stop.IsCancellationRequested)
            {
                _services.Logger.ClientFailed(Topic, e);
                WaitHandle.WaitAny([_stop.Token.WaitHandle, ((IAsyncResult)backoff.WaitAsync(_stop.Token)).AsyncWaitHandle]);
            }
            catch (Exception e)
            {
                _services.Logger.ClientFailed(Topic, e);
            }
        }

        _services.Logger.PumpStopped(Topic);
        _stopped.TrySetResult();
    }

    /// <summary>The life of one client, on the poll thread.</summary>
    private void Follow()
    {
        PumpAssignment? assignment = null;
        var options = _services.Options;
        var config = KafkaClients.GroupConsumer(_kafka, Topic, options.Bytes(Topic).Prefetch / 1024, options.MaxPollInterval);
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => KafkaClients.Forward(_services.Logger, message))
            .SetErrorHandler((_, error) => _services.Logger.ConsumeFailed(Topic, error.Reason))
            .SetPartitionsAssignedHandler((_, partitions) => assignment!.Assign(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => assignment!.Revoke(partitions))
            .SetPartitionsLostHandler((_, partitions) => assignment!.Lose(partitions))
            .Build();
        _assignment = assignment = new PumpAssignment(consumer, _services);
        (_refused, _isMissing) = (null, false);
        try
        {
            consumer.Subscribe(Topic);
            Poll(consumer, assignment);
        }
        finally
        {
            // Cursors first: leaving the group may hand the partitions on at once.
            assignment.Close();
            consumer.Close();
            _assignment = null;
            _paused = false;
        }
    }

    private void Poll(IConsumer<byte[]?, byte[]?> consumer, PumpAssignment assignment)
    {
        var interval = TimeSpan.FromMilliseconds(50);
        while (!_stop.IsCancellationRequested)
        {
            assignment.RunCommands();
            if (!WaitForRoom(assignment))
            {
                continue;
            }

            try
            {
                if (consumer.Consume(interval) is { } record)
                {
                    assignment.Dispatch(record);
                }
            }
            catch (ConsumeException e) when (!e.Error.IsFatal)
            {
                // Such as a topic that does not exist yet: the client goes on by itself.
                Note(e.Error);
                _services.Logger.ConsumeFailed(Topic, $"{e.Error.Reason} ({e.Error.Code}); check the topic with 'streams topics'");
            }
        }
    }

    /// <summary>Said once by the client until it changes; a partition that is held says better that it is over.</summary>
    private void Note(Error error)
    {
        if (error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed)
        {
            _refused = error.Reason;
        }
        else if (error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic)
        {
            _isMissing = true;
        }
    }

    /// <summary>
    /// Holds the thread while the budget is spent. Not calling Consume is the cheap way to stop: the client's own queue is bounded and
    /// keeps what it has. Only a long stall pauses the partitions, because the group expels a member that does not poll.
    /// </summary>
    private bool WaitForRoom(PumpAssignment assignment)
    {
        if (_services.Budget.IsFree)
        {
            if (_paused)
            {
                _paused = false;
                assignment.ResumeAll();
                _services.Logger.Resumed(Topic);
            }

            return true;
        }

        if (_paused)
        {
            return true;
        }

        var started = _services.Time.GetTimestamp();
        while (!_stop.IsCancellationRequested && _services.Time.GetElapsedTime(started) is var stall)
        {
            try
            {
                if (_services.Budget.WaitUntilFree(TimeSpan.FromMilliseconds(100), _stop.Token))
                {
                    return true;
                }
            }
            catch (OperationCanceledException)
            {
                return false;
            }

            assignment.RunCommands();
            if (stall >= _services.Options.StallBeforePause)
            {
                _paused = true;
                assignment.PauseAll();
                _services.Logger.Paused(Topic, _services.Budget.Used, stall);
                return true;
            }
        }

        return false;
    }
}
