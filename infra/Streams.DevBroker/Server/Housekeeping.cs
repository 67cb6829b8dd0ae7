namespace Streams.DevBroker.Server;

/// <summary>What happens in the background: flushing to disk, retention, forgetting what is too old.</summary>
internal sealed class Housekeeping(BrokerState broker)
{
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(
        RepeatAsync(broker.Options.FlushInterval, Flush, stopping),
        RepeatAsync(broker.Options.RetentionCheckInterval, Expire, stopping));

    public void Expire()
    {
        foreach (var topic in broker.Topics.All)
        {
            int deleted = topic.Partitions.Sum(partition => partition.EnforceRetention());
            if (deleted > 0)
                broker.Logger.SegmentsExpired(topic.Name, deleted);
            foreach (var partition in topic.Partitions)
                partition.ForgetIdleProducers(broker.Options.ProducerIdRetention);
        }

        broker.Groups.RemoveExpired();
        broker.Transactions.RemoveExpired();
    }

    private void Flush()
    {
        foreach (var partition in broker.Topics.All.SelectMany(topic => topic.Partitions))
            partition.Flush();
        broker.Offsets.Flush();
        broker.Transactions.Flush();
    }

    private async Task RepeatAsync(TimeSpan interval, Action work, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(interval, broker.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                try
                {
                    work();
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ObjectDisposedException)
                {
                    broker.Logger.MaintenanceFailed(failure);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The broker stops.
        }
    }
}
