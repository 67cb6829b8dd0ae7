using Microsoft.Extensions.Logging;
using Streams.Grains.Partitions;
using Streams.Schemas.Processing;

namespace Streams.Grains.Processing;

/// <summary>
/// What <see cref="KeyedStream"/> does for one key, for many keys of a partition at a time: their states are read together, computed one after another and
/// written together. A key whose records lie in several partitions is in the memory of each; they meet in the store, where the write of whoever
/// read an older record is refused, and what was refused is read and computed again. Calls must not overlap.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="topic">The source topic.</param>
/// <param name="states">Where the states lie.</param>
/// <param name="format">Their bytes.</param>
/// <param name="logger">For failures.</param>
internal sealed class PartitionStreams(string run, string topic, IStreamStates states, IStateFormat format, ILogger logger)
{
    // How often a key is computed when others write its state all the time. Callers repeat what failed, so it need not be endless.
    private const int MaxAttempts = 8;

    // Keys used since the last change of generations. Those not used for a whole generation are read from the store when they come again.
    private const int Generation = 16 * 1024;

    private Dictionary<string, Stream> _used = [];
    private Dictionary<string, Stream> _usedBefore = [];
    private long _epoch = -1;

    // The lease in force when memory was read. Under another one, memory may be ahead of a store that lost its last writes.
    private string? _lease;

    /// <inheritdoc cref="IPartitionGrain.ApplyAsync"/>
    public async Task<KeyReply[]> ApplyAsync(PartitionBatch batch, IRecordProcessorFactory factory)
    {
        if (batch.Epoch < _epoch)
        {
            throw new StaleEpochException($"{run}|{topic} partition {batch.Partition}", batch.Epoch, _epoch);
        }

        if (batch.Lease != _lease)
        {
            _used.Clear();
            _usedBefore.Clear();
            (_epoch, _lease) = (batch.Epoch, batch.Lease);
        }

        using var activity = GrainActivities.StartApply(run, topic, batch);
        var fence = new PartitionFence(run, topic, batch.Partition, batch.Epoch, batch.Lease);
        var replies = new KeyReply[batch.Keys.Length];
        var left = batch.Keys.Select((key, i) => new Work(i, StreamOf(key.Key), key.Records)).ToList();
        try
        {
            for (var attempt = 1; left.Count > 0; attempt++)
            {
                await ReadAsync(fence, left);
                left = await WriteAsync(fence, await ComputeAsync(batch, left, factory, replies), replies);
                if (attempt == MaxAttempts)
                {
                    left.ForEach(work => replies[work.Index] = new KeyReply(null, new TimeoutException($"{work.Stream.Key}: others write its state all the time")));
                    break;
                }
            }
        }
        catch (Exception e)
        {
            // Memory may be ahead of the stored records or behind them.
            left.ForEach(work => work.Stream.Forget());
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, e.Message);
            logger.ApplyFailed($"{run}|{topic}", batch.Partition, batch.Keys[0].Records[0].Offset, e);
            throw;
        }

        return replies;
    }

    private async Task ReadAsync(PartitionFence fence, List<Work> works)
    {
        var missing = works.Where(work => work.Stream.State is null).Select(work => work.Stream).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var found = await states.ReadAsync(fence, missing.ConvertAll(stream => stream.Key));
        for (var i = 0; i < missing.Count; i++)
        {
            missing[i].ETag = found[i].ETag;
            missing[i].State = found[i].ETag is null ? new StreamState() : format.Read(found[i].Data);
        }
    }

    /// <returns>Those whose state is to be written.</returns>
    private async Task<List<Work>> ComputeAsync(PartitionBatch batch, List<Work> works, IRecordProcessorFactory factory, KeyReply[] replies)
    {
        using var activity = GrainActivities.StartCompute(topic);
        var changed = new List<Work>();
        foreach (var work in works)
        {
            if (await ComputeAsync(batch, work, factory) is { } reply)
            {
                replies[work.Index] = reply;
            }
            else
            {
                changed.Add(work);
            }
        }

        return changed;
    }

    /// <returns>The reply where there is nothing to write; null where there is.</returns>
    private async ValueTask<KeyReply?> ComputeAsync(PartitionBatch batch, Work work, IRecordProcessorFactory factory)
    {
        var stream = work.Stream;
        try
        {
            var state = stream.State!;
            var fresh = state.FenceBy(stream.Key, batch.Partition, batch.Epoch).Fresh(work.Records);
            if (fresh.Length == 0)
            {
                return new KeyReply(state.ReplyTo(batch.Partition, work.Records), null);
            }

            var (output, saved) = await KeyedStream.ProcessAsync(stream.Key, async () =>
            {
                stream.Processor ??= factory.Create(stream.Key.Key, state.Processor);
                return (await stream.Processor.ApplyAsync(fresh, CancellationToken.None), stream.Processor.SaveState());
            });
            state.Take(stream.Key, batch.Partition, work.Records[0].Offset, fresh, output, saved);
            return null;
        }
        catch (Exception e)
        {
            stream.Forget();
            logger.ApplyFailed(stream.Key.ToString(), batch.Partition, work.Records[0].Offset, e);
            return new KeyReply(null, e);
        }
    }

    /// <returns>Those whose state somebody else has written.</returns>
    private async Task<List<Work>> WriteAsync(PartitionFence fence, List<Work> works, KeyReply[] replies)
    {
        if (works.Count == 0)
        {
            return [];
        }

        using var activity = GrainActivities.StartWrite(topic);
        var written = await states.WriteAsync(
            fence, works.ConvertAll(work => new StateWrite(work.Stream.Key, work.Stream.ETag, format.Write(work.Stream.State!))));
        var refused = new List<Work>();
        for (var i = 0; i < works.Count; i++)
        {
            var (work, stream) = (works[i], works[i].Stream);
            if (written[i] is { } etag)
            {
                stream.ETag = etag;
                replies[work.Index] = new KeyReply(stream.State!.ReplyTo(fence.Partition, work.Records), null);
            }
            else
            {
                stream.Forget();
                refused.Add(work);
            }
        }

        return refused;
    }

    private Stream StreamOf(string key)
    {
        if (_used.TryGetValue(key, out var stream))
        {
            return stream;
        }

        if (!_usedBefore.Remove(key, out stream))
        {
            stream = new Stream(new StreamKey(run, topic, key));
        }

        if (_used.Count >= Generation)
        {
            (_usedBefore, _used) = (_used, _usedBefore);
            _used.Clear();
        }

        return _used[key] = stream;
    }

    /// <summary>One key in memory.</summary>
    private sealed class Stream(StreamKey key)
    {
        public StreamKey Key => key;

        /// <summary>Null when it has to be read.</summary>
        public StreamState? State { get; set; }

        public string? ETag { get; set; }

        public IRecordProcessor? Processor { get; set; }

        public void Forget() => (State, ETag, Processor) = (null, null, null);
    }

    /// <summary>One key's part of a call.</summary>
    private sealed record Work(int Index, Stream Stream, InputRecord[] Records);
}
