using Streams.Grains;
using Streams.Grains.Processing;
using Streams.Ingest;

namespace Streams.Host.Pipeline;

/// <summary>
/// The calls of the grains of partitions. One is under way for each partition at most; what comes meanwhile goes together in the next, so that with
/// many keys the call is paid once for many. Each key's batch keeps an outcome of its own.
/// </summary>
internal sealed class PartitionCalls(IGrainFactory grains)
{
    private const int MaxRecords = 4096;

    private readonly Lock _gate = new();

    // Guarded by _gate. The partitions for which a call is under way, each with what waits for its end.
    private readonly Dictionary<PartitionId, Queue<Ask>> _waiting = [];

    /// <inheritdoc cref="IStreamGrain.ApplyAsync"/>
    public Task<ApplyReply> ApplyAsync(PartitionId partition, string key, RecordBatch batch)
    {
        var ask = new Ask(new KeyBatch(key, batch));
        lock (_gate)
        {
            if (_waiting.TryGetValue(partition, out var waiting))
            {
                waiting.Enqueue(ask);
                return ask.Answer.Task;
            }

            _waiting[partition] = new Queue<Ask>();
        }

        _ = CarryAsync(partition, [ask]);
        return ask.Answer.Task;
    }

    /// <summary>Makes one call after another until nothing waits. Never throws.</summary>
    private async Task CarryAsync(PartitionId partition, List<Ask> asks)
    {
        var grain = grains.GetGrain<IPartitionGrain>(StreamKey.OfPartition(partition.Run, partition.Topic, partition.Partition).ToString());
        while (asks.Count > 0)
        {
            try
            {
                var replies = await grain.ApplyAsync([.. asks.Select(ask => ask.Batch)]).ConfigureAwait(false);
                for (var i = 0; i < asks.Count; i++)
                {
                    asks[i].End(replies[i]);
                }
            }
            catch (Exception e)
            {
                // What became of the batches is not known: their callers repeat them, and the grain leaves out what it has.
                asks.ForEach(ask => ask.Answer.SetException(e));
            }

            asks = TakeWaiting(partition);
        }
    }

    private List<Ask> TakeWaiting(PartitionId partition)
    {
        var asks = new List<Ask>();
        lock (_gate)
        {
            var waiting = _waiting[partition];
            for (var records = 0; records < MaxRecords && waiting.TryDequeue(out var ask); records += ask.Batch.Batch.Records.Length)
            {
                asks.Add(ask);
            }

            if (asks.Count == 0)
            {
                _waiting.Remove(partition);
            }
        }

        return asks;
    }

    private sealed record Ask(KeyBatch Batch)
    {
        public TaskCompletionSource<ApplyReply> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void End(KeyReply reply)
        {
            if (reply.Reply is { } applied)
            {
                Answer.SetResult(applied);
            }
            else
            {
                Answer.SetException(reply.Failure!);
            }
        }
    }
}
