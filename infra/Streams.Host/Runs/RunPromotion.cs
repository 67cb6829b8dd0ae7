using Streams.Dashboard.Results;
using Streams.Dashboard.Serving;
using Streams.Host.Cli;

namespace Streams.Host.Runs;

/// <summary>Serves a finished run's results as live's, and goes back.</summary>
internal sealed class RunPromotion(RunRegistry registry, RunVerifier verifier, RedisResultStore store, ServingStore serving, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>For <paramref name="keys"/>, or for every key of the run when there are none.</summary>
    /// <exception cref="StreamsException">No such run, or it is not done.</exception>
    /// <exception cref="ServingException">It cannot be served.</exception>
    public async Task<ServingTable> PromoteAsync(string run, IReadOnlyCollection<string?> keys, CancellationToken cancellation)
    {
        var status = await registry.FindAsync(run) ?? throw new StreamsException($"There is no run '{run}'", "see `streams runs list`");
        if (status.State != RunState.Done)
        {
            throw new StreamsException($"Run {run} is {status.State.ToString().ToLowerInvariant()}", "what it has not made yet would be missing; promote it when it is done");
        }

        await WaitUntilShownAsync(status, cancellation);
        return await serving.PromoteAsync(
            run, status.Topic, [.. status.Ranges.Select(range => new ServedRange(range.Partition, range.Start, range.End))], keys.Count == 0 ? null : [.. keys.OfType<string>()]);
    }

    /// <summary>What was served before the last promotion.</summary>
    /// <exception cref="ServingException">There was none.</exception>
    public Task<ServingTable> RollbackAsync() => serving.RollbackAsync();

    /// <summary>A run is done when its results are on their topics; the projector carries them to Redis a moment later.</summary>
    private async Task WaitUntilShownAsync(RunStatus run, CancellationToken cancellation)
    {
        var published = await verifier.CountAsync(run, cancellation);
        for (var began = time.GetTimestamp(); ;)
        {
            var shown = await store.GetCountsAsync(run.Run);
            if (published.All(topic => shown.GetValueOrDefault(topic.Key) >= topic.Value))
            {
                return;
            }

            if (time.GetElapsedTime(began) > Patience)
            {
                throw new StreamsException($"Run {run.Run} has results that are not in Redis after {Patience}", "see whether the projector is ready: /health/ready");
            }

            await Task.Delay(PollInterval, time, cancellation);
        }
    }

    /// <summary>Throws when a run is served, and so cannot be deleted.</summary>
    public async Task CheckNotServedAsync(string run)
    {
        if ((await serving.GetAsync()).Entries.Any(entry => entry.Run == run))
        {
            throw new StreamsException($"Run {run} is promoted", "serve something else first: streams runs rollback");
        }
    }
}
