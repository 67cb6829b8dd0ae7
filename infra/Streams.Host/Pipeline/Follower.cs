using Microsoft.Extensions.Hosting;

namespace Streams.Host.Pipeline;

/// <summary>A service that follows topics for as long as the host runs: with a client that is made anew, after a pause, when it fails.</summary>
internal abstract class Follower(TimeProvider time) : BackgroundService
{
    protected static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    protected TimeProvider Time { get; } = time;

    // Consume blocks, so it has a thread of its own.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => RunAsync(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    /// <summary>The life of one client.</summary>
    protected abstract Task FollowAsync(CancellationToken stopping);

    /// <summary>Says that a client has failed.</summary>
    protected abstract void Failed(Exception error);

    /// <summary>A client has come to its end, in whatever way.</summary>
    protected virtual void Left()
    {
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                Failed(e);
                await Task.Delay(RetryDelay, Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                Left();
            }
        }
    }
}
