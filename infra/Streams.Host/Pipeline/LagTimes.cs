using Microsoft.Extensions.Hosting;
using Streams.Schemas;

namespace Streams.Host.Pipeline;

/// <summary>Lag as time: how long ago the end of a partition was where this host has come by now. Ends are looked at once a second.</summary>
internal sealed class LagTimes(PumpSet pumps, TimeProvider time) : BackgroundService
{
    /// <summary>An hour of looks: a lag that is longer is told as that.</summary>
    private const int MaxLooks = 3_600;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Topic, int Partition), PartitionEnds> _ends = [];

    /// <summary>The longest of the topic's partitions that are held; zero without lag, null while an end is not known.</summary>
    public TimeSpan? Of(string topic)
    {
        var longest = TimeSpan.Zero;
        foreach (var partition in pumps[topic].Partitions)
        {
            if (partition.Lag is not { } lag)
            {
                return null;
            }

            lock (_gate)
            {
                if (lag > 0 && _ends.GetValueOrDefault((topic, partition.Partition))?.Since(partition.NextOffset) is { } since && time.GetElapsedTime(since) is var waits && waits > longest)
                {
                    longest = waits;
                }
            }
        }

        return longest;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                Look();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private void Look()
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            var held = Topics.Sources.SelectMany(topic => pumps[topic].Partitions.Select(partition => (Id: (topic, partition.Partition), Partition: partition)))
                .ToDictionary(pair => pair.Id, pair => pair.Partition);
            foreach (var gone in _ends.Keys.Where(id => !held.ContainsKey(id)).ToList())
            {
                _ends.Remove(gone);
            }

            foreach (var (id, partition) in held)
            {
                if (partition is { EndOffset: { } end, NextOffset: >= 0 })
                {
                    var ends = _ends[id] = _ends.GetValueOrDefault(id) ?? new PartitionEnds(MaxLooks);
                    ends.Look(now, end, partition.NextOffset);
                }
            }
        }
    }
}
