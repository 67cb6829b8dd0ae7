using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Host.Pipeline;
using Streams.Ingest;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Decoding;
using Streams.Ingest.Publishing;
using Streams.Ingest.Pump;
using Streams.Ingest.Replay;

namespace Streams.Host.Runs;

/// <summary>
/// Runs replays. What there is to run stands in the registry; each host looks there every now and then, goes on with runs whose host has not
/// been heard of, and stops those that an operator has paused. Two hosts on one run are harmless: the partitions' leases let one of them through.
/// </summary>
internal sealed class RunManager(
    StreamsOptions options,
    RunRegistry registry,
    RunProcessors processors,
    PumpSet pumps,
    IEnumerable<IRecordDecoder> decoders,
    IRecordSink sink,
    IPartitionCursors cursors,
    IResultPublisher results,
    IDeadLetterSink deadLetters,
    TimeProvider time,
    ILoggerFactory loggers) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    // Instead of a time: the host has stopped working on the run.
    private static readonly DateTimeOffset GivenUp = DateTimeOffset.UnixEpoch;

    // A name that no other process, and no earlier one of this machine, has.
    private readonly string _host = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():n}";
    private readonly ConcurrentDictionary<string, Execution> _executions = new();

    // What was last read of each run's host, and when by this host's monotonic clock: wall clocks differ between hosts, and jump. Touched by the loop only.
    private readonly Dictionary<string, (DateTimeOffset Heard, long At)> _heard = [];
    private readonly ILogger _logger = loggers.CreateLogger<RunManager>();

    /// <summary>Freezes the bounds of a new run, or goes on with one that was paused or failed.</summary>
    /// <exception cref="StreamsException">The request cannot be used.</exception>
    public async Task<RunStatus> StartAsync(RunRequest request, CancellationToken cancellation)
    {
        request.Validate();
        processors.Check(request.Settings ?? new Dictionary<string, string>());
        if (await registry.FindAsync(request.Run) is { } known)
        {
            return await ResumeAsync(known, request);
        }

        ReplayPlan plan;
        try
        {
            plan = ReplayPlan.Resolve(options.Kafka, request.Topic, request.From, request.To);
        }
        catch (ReplayBoundException e)
        {
            throw new StreamsException($"Run {request.Run}: {e.Message}", "mend the bound");
        }

        var topics = await KafkaAccess.EnsureTopicsAsync(options, request.Run, cancellation);
        if (topics.Refused.Count > 0)
        {
            throw new StreamsException($"Run {request.Run}: the broker does not let this client create {string.Join(", ", topics.Refused)}",
                "grant it Create, Write and Describe on topics that begin with 'run.'");
        }

        var now = time.GetUtcNow();
        var run = new RunStatus(
            request.Run, request.Topic, RunState.Running, plan.Ranges, request.From, request.To, request.Settings ?? new Dictionary<string, string>(),
            request.Limits ?? ReplayLimits.None, 0, 0, null, 0, null, _host, now, now);
        if (!await registry.AddAsync(run))
        {
            throw new StreamsException($"Run {request.Run} has just been started by somebody else", "see `streams runs show`, or take another name");
        }

        Execute(run);
        return run;
    }

    /// <summary>Stops reading; what is in progress is finished.</summary>
    public async Task<RunStatus> PauseAsync(string run)
    {
        var paused = await ChangeAsync(run, status => status.State == RunState.Running ? status with { State = RunState.Paused } : null);
        return paused.State == RunState.Paused ? paused : throw new StreamsException($"Run {run} is {Text(paused.State)}", "only a running one can be paused");
    }

    /// <summary>Goes on from the run's own cursors.</summary>
    public async Task<RunStatus> ResumeAsync(string run)
    {
        var resumed = await ChangeAsync(run, status => status.CanResume ? Taken(status) : null);
        if (resumed.State != RunState.Running)
        {
            throw new StreamsException($"Run {run} is {Text(resumed.State)}", "only a paused or failed one can be resumed");
        }

        Execute(resumed);
        return resumed;
    }

    /// <summary>Sees that nobody works on a run any more, so that it can be deleted.</summary>
    public async Task<RunStatus> ReleaseAsync(string run)
    {
        var status = await registry.FindAsync(run) ?? throw NoSuchRun(run);
        if (status.State == RunState.Running)
        {
            throw new StreamsException($"Run {run} is running", $"pause it first: streams runs pause {run}");
        }

        if (_executions.TryGetValue(run, out var execution))
        {
            await execution.Task;
        }

        return status;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await LookAsync();
                }
                catch (Exception e) when (e is RedisException or TimeoutException)
                {
                    _logger.RunsNotSeen(e.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }

        foreach (var execution in _executions.Values)
        {
            await execution.Stop.CancelAsync();
        }

        await Task.WhenAll(_executions.Values.Select(execution => execution.Task));
    }

    private static StreamsException NoSuchRun(string run) => new($"There is no run '{run}'", "see `streams runs list`");

    private static string Text(RunState state) => state.ToString().ToLowerInvariant();

    private async Task<RunStatus> ResumeAsync(RunStatus known, RunRequest request)
    {
        if (known.Topic != request.Topic || known.From != request.From || known.To != request.To
            || !known.Settings.OrderBy(pair => pair.Key).SequenceEqual((request.Settings ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key)))
        {
            throw new StreamsException(
                $"Run {request.Run} exists with other bounds or settings ({known.Topic} from {known.From ?? "the oldest"} to {known.To ?? "the newest"})",
                $"take another name, or delete it: streams runs delete {request.Run}");
        }

        return known.State switch
        {
            RunState.Running => throw new StreamsException($"Run {request.Run} is going on already", $"follow it: streams runs show {request.Run}"),
            RunState.Done => known,
            _ => await ResumeAsync(request.Run),
        };
    }

    private RunStatus Taken(RunStatus status) => status with { State = RunState.Running, Host = _host, Heard = time.GetUtcNow(), Error = null };

    private async Task<RunStatus> ChangeAsync(string run, Func<RunStatus, RunStatus?> change) =>
        await registry.UpdateAsync(run, change) ?? throw NoSuchRun(run);

    /// <summary>Takes up what nobody works on, says what this host works on, and stops what is not to go on.</summary>
    private async Task LookAsync()
    {
        var now = time.GetUtcNow();
        var runs = await registry.ListAsync();
        foreach (var gone in _heard.Keys.Except(runs.Select(run => run.Run)).ToArray())
        {
            _heard.Remove(gone);
        }

        foreach (var run in runs)
        {
            if (_executions.TryGetValue(run.Run, out var execution))
            {
                var told = await registry.UpdateAsync(
                    run.Run, status => status.State == RunState.Running && status.Host == _host ? execution.Told(status, now) : null);
                if (told is not { State: RunState.Running } || told.Host != _host)
                {
                    await execution.Stop.CancelAsync();
                }
            }
            else if (run.State == RunState.Running && IsSilent(run))
            {
                var taken = await registry.UpdateAsync(
                    run.Run, status => status.State == RunState.Running && status.Host == run.Host && status.Heard == run.Heard ? Taken(status) : null);
                if (taken is { State: RunState.Running } && taken.Host == _host)
                {
                    Execute(taken);
                }
            }
        }
    }

    /// <summary>Its host has given it up, or has not said anything new for a while.</summary>
    private bool IsSilent(RunStatus run)
    {
        if (_heard.TryGetValue(run.Run, out var known) && known.Heard == run.Heard)
        {
            return run.Heard == GivenUp || time.GetElapsedTime(known.At) > Silence;
        }

        _heard[run.Run] = (run.Heard, time.GetTimestamp());
        return run.Heard == GivenUp;
    }

    private void Execute(RunStatus run)
    {
        var execution = new Execution();
        if (_executions.TryAdd(run.Run, execution))
        {
            execution.Task = Task.Run(() => ReplayAsync(run, execution), CancellationToken.None);
        }
    }

    private async Task ReplayAsync(RunStatus run, Execution execution)
    {
        _logger.ReplayStarted(run.Run, run.Topic, run.From ?? "the oldest", run.To ?? "the newest");
        var pump = Pump();
        var reader = new ReplayReader(
            decoders.First(decoder => decoder.Topic == run.Topic), sink, cursors, results, deadLetters, options.Kafka, pump, time, loggers.CreateLogger<ReplayReader>())
        {
            Limits = run.Limits,
            LiveIsBusy = () => pumps.Waiting > options.Replay.YieldToLiveAbove,
        };
        Func<RunStatus, RunStatus?> end;
        try
        {
            await reader.RunAsync(run.Run, new ReplayPlan(run.Topic, run.Ranges), execution, execution.Stop.Token);
            _logger.ReplayDone(run.Run, run.Total);
            end = status => status.Host == _host ? execution.Told(status, time.GetUtcNow()) with { State = RunState.Done, Done = run.Total, SecondsLeft = 0 } : null;
        }
        catch (OperationCanceledException)
        {
            // Paused, or this host stops: another one finds it silent at once.
            end = status => status.Host == _host ? execution.Told(status, GivenUp) : null;
        }
        catch (Exception e) when (e is StoreRolledBackException or RedisException or TimeoutException)
        {
            // It goes on by itself, from the cursors that the store has.
            _logger.ReplayInterrupted(run.Run, e.Message);
            end = status => status.Host == _host ? execution.Told(status, GivenUp) : null;
        }
        catch (StaleEpochException)
        {
            // Another host has it.
            end = _ => null;
        }
        catch (Exception e)
        {
            _logger.ReplayFailed(run.Run, e);
            end = status => status.Host == _host ? execution.Told(status, time.GetUtcNow()) with { State = RunState.Failed, Error = e.Message } : null;
        }

        try
        {
            await registry.UpdateAsync(run.Run, end);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // The run is found silent, taken up again, and ends at once.
            _logger.RunsNotSeen(e.Message);
        }

        _executions.TryRemove(run.Run, out _);
    }

    /// <summary>As live reads, with less of the host.</summary>
    private PumpOptions Pump()
    {
        var pump = new PumpOptions();
        foreach (var property in typeof(PumpOptions).GetProperties().Where(property => property.CanWrite))
        {
            property.SetValue(pump, property.GetValue(options.Pump));
        }

        pump.MaxLanes = options.Replay.MaxLanes;
        pump.ByteBudget = pump.FrameByteBudget = options.Replay.ByteBudget;
        return pump;
    }

    /// <summary>A run that this host works on. Progress is reported by the reader's thread and read by the loop.</summary>
    private sealed class Execution : IProgress<ReplayProgress>
    {
        private volatile ReplayProgress? _progress;

        public CancellationTokenSource Stop { get; } = new();

        public Task Task { get; set; } = Task.CompletedTask;

        public void Report(ReplayProgress value) => _progress = value;

        public RunStatus Told(RunStatus status, DateTimeOffset heard) => _progress is { } progress
            ? status with
            {
                Done = progress.Done,
                RecordsPerSecond = progress.RecordsPerSecond,
                SecondsLeft = progress.Left?.TotalSeconds,
                DeadLettered = progress.DeadLettered,
                Heard = heard,
            }
            : status with { Heard = heard };
    }
}
