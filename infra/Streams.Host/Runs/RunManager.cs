using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Ingest;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Decoding;
using Streams.Ingest.Publishing;
using Streams.Ingest.Replay;

namespace Streams.Host.Runs;

/// <summary>The replays of this host: starts them, one at a time for a name, and knows how far they are.</summary>
internal sealed class RunManager(
    StreamsOptions options,
    IEnumerable<IRecordDecoder> decoders,
    IRecordSink sink,
    IPartitionCursors cursors,
    IResultPublisher results,
    IDeadLetterSink deadLetters,
    TimeProvider time,
    ILoggerFactory loggers) : BackgroundService
{
    private readonly ConcurrentDictionary<string, RunStatus> _runs = new();
    private readonly ConcurrentDictionary<string, Task> _tasks = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILogger _logger = loggers.CreateLogger<RunManager>();

    /// <summary>Where <paramref name="run"/> stands; null when this host never ran it.</summary>
    public RunStatus? Find(string run) => _runs.GetValueOrDefault(run);

    /// <summary>Freezes the bounds and starts reading.</summary>
    /// <exception cref="StreamsException">The request cannot be used, or a run of that name is going on.</exception>
    public async Task<RunStatus> StartAsync(RunRequest request, CancellationToken cancellation)
    {
        request.Validate();
        ReplayPlan plan;
        try
        {
            plan = ReplayPlan.Resolve(options.Kafka, request.Topic, request.From, request.To);
        }
        catch (ReplayBoundException e)
        {
            throw new StreamsException($"Run {request.Run}: {e.Message}", "mend the bound");
        }

        await KafkaAccess.EnsureTopicsAsync(options, request.Run, cancellation);
        var status = new RunStatus(request.Run, request.Topic, RunState.Running, 0, plan.Total, 0, null, 0, null);
        var current = _runs.AddOrUpdate(request.Run, status, (_, known) => known.State == RunState.Running ? known : status);
        if (!ReferenceEquals(current, status))
        {
            throw new StreamsException($"Run {request.Run} is going on already", "wait for it, or take another name");
        }

        _tasks[request.Run] = Task.Run(() => ReplayAsync(request, plan), CancellationToken.None);
        return status;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stopping.CancelAsync();
        await Task.WhenAll(_tasks.Values);
    }

    private async Task ReplayAsync(RunRequest request, ReplayPlan plan)
    {
        var run = request.Run;
        _logger.ReplayStarted(run, request.Topic, request.From ?? "the oldest", request.To ?? "the newest");
        var reader = new ReplayReader(
            decoders.First(decoder => decoder.Topic == request.Topic), sink, cursors, results, deadLetters, options.Kafka, options.Pump, time, loggers.CreateLogger<ReplayReader>());
        try
        {
            await reader.RunAsync(run, plan, new Reporter(progress => Update(run, progress)), _stopping.Token);
            _runs[run] = _runs[run] with { State = RunState.Done, Done = plan.Total, SecondsLeft = 0 };
            _logger.ReplayDone(run, plan.Total);
        }
        catch (OperationCanceledException)
        {
            _runs[run] = _runs[run] with { State = RunState.Cancelled, Error = "the host is stopping" };
        }
        catch (Exception e)
        {
            _runs[run] = _runs[run] with { State = RunState.Failed, Error = e.Message };
            _logger.ReplayFailed(run, e);
        }
    }

    private void Update(string run, ReplayProgress progress) => _runs[run] = _runs[run] with
    {
        Done = progress.Done,
        RecordsPerSecond = progress.RecordsPerSecond,
        SecondsLeft = progress.Left?.TotalSeconds,
        DeadLettered = progress.DeadLettered,
    };

    // Progress<T> would hand reports to the thread pool, where they may overtake each other.
    private sealed class Reporter(Action<ReplayProgress> report) : IProgress<ReplayProgress>
    {
        public void Report(ReplayProgress value) => report(value);
    }
}
