using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Streams.Dashboard.Results;

namespace Streams.Dashboard.Serving;

/// <summary>
/// Knows what is served, for all live readers of this process: it is told of changes, and looks by itself because pub/sub forgets what it sends
/// while a connection is down. Runs from the first reader on.
/// </summary>
internal sealed class ServingWatch(IConnectionMultiplexer redis, ServingStore serving, TimeProvider time, ILogger<ServingWatch> logger) : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();

    // Guarded by the gate; written by the loop, read by requests.
    private View _view = new(ServingTable.Nothing, NewSignal());
    private Task? _started;
    private Task _loop = Task.CompletedTask;

    /// <summary>For readers of what no promotion changes.</summary>
    public static View Never { get; } = new(ServingTable.Nothing, NewSignal());

    /// <summary>What is served as last seen, and when that changes.</summary>
    public View Current
    {
        get
        {
            lock (_gate)
            {
                return _view;
            }
        }
    }

    /// <summary>Returns when <see cref="Current"/> was read at least once.</summary>
    public async Task StartAsync()
    {
        Task started;
        lock (_gate)
        {
            // A start that failed is tried again by the next reader.
            _started = _started is null or { IsFaulted: true } ? BeginAsync() : _started;
            started = _started;
        }

        await started;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private async Task BeginAsync()
    {
        var messages = await redis.GetSubscriber().SubscribeAsync(ResultKeys.ServingChannel);
        await LookAsync();
        _loop = RunAsync(messages, _stopping.Token);
    }

    private async Task RunAsync(ChannelMessageQueue messages, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(LookInterval, time);
        var next = messages.ReadAsync(cancellation).AsTask();
        var tick = timer.WaitForNextTickAsync(cancellation).AsTask();
        while (true)
        {
            try
            {
                if (await Task.WhenAny(next, tick) == next)
                {
                    await next;
                    next = messages.ReadAsync(cancellation).AsTask();
                }
                else
                {
                    await tick;
                    tick = timer.WaitForNextTickAsync(cancellation).AsTask();
                }

                await LookAsync();
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                DashboardLog.ServingUnknown(logger, e.Message);
            }
        }
    }

    private async Task LookAsync()
    {
        var table = await serving.GetAsync();
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (table.Version == _view.Table.Version)
            {
                return;
            }

            changed = _view.Signal;
            _view = new View(table, NewSignal());
        }

        changed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is served at a moment.</summary>
    /// <param name="Table">It.</param>
    /// <param name="Signal">Completes when it is no longer so.</param>
    internal sealed record View(ServingTable Table, TaskCompletionSource Signal);
}
