using Microsoft.Extensions.Hosting;

namespace Streams.Ingest.Pump;

/// <summary>The pumps of this process, one per source topic.</summary>
public sealed class TopicPumps(IEnumerable<TopicPump> pumps) : IHostedService, IAsyncDisposable
{
    /// <summary>By source topic.</summary>
    public IReadOnlyList<TopicPump> All { get; } = [.. pumps];

    /// <summary>What they have done and hold now.</summary>
    public IReadOnlyList<PumpStatistics> Statistics => [.. All.Select(pump => pump.Statistics)];

    /// <summary>Starts them all.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(All.Select(pump => pump.StartAsync(cancellationToken)));

    /// <summary>Stops them at the same time.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(All.Select(pump => pump.StopAsync(cancellationToken)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var pump in All)
        {
            await pump.DisposeAsync();
        }
    }
}
