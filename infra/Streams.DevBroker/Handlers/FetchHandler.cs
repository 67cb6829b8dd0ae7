using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>
/// Sends records; waits for them when there are too few, and is woken by the append that brings them. Fetch sessions are
/// declined the way the protocol provides for: session id 0 in the answer makes clients send full requests.
/// </summary>
internal sealed class FetchHandler(BrokerState broker) : ApiHandler(ApiKey.Fetch, 4, 16, 12)
{
    private const int NoSession = 0;

    private sealed record Target(FetchRequest.TopicFetch Topic, FetchRequest.PartitionFetch Partition, PartitionLog? Log, ErrorCode Error);

    public override async ValueTask HandleAsync(RequestContext context)
    {
        var request = FetchRequest.Read(context.Reader, context.Version);
        if (request.SessionId != NoSession)
        {
            WriteHead(context.Response, context.Version, ErrorCode.FetchSessionIdNotFound);
            context.Response.WriteArrayLength(0);
            context.Response.WriteNoTags();
            return;
        }

        var targets = request.Topics.SelectMany(topic => topic.Partitions.Select(partition => Resolve(context, topic, partition))).ToList();
        var results = await ReadOrWaitAsync(request, targets, context.Aborted);
        Write(context.Response, context.Version, request, targets, results);
    }

    private Target Resolve(RequestContext context, FetchRequest.TopicFetch topic, FetchRequest.PartitionFetch partition)
    {
        var found = topic.Name is null ? broker.Topics.Find(topic.Id) : broker.Topics.Find(topic.Name);
        var log = found?.Find(partition.Index);
        var error = found is null && topic.Name is null ? ErrorCode.UnknownTopicId
            : !context.MayUse(found?.Name ?? topic.Name!) ? ErrorCode.TopicAuthorizationFailed
            : log is null ? ErrorCode.UnknownTopicOrPartition
            : partition.CurrentLeaderEpoch > PartitionLog.LeaderEpoch ? ErrorCode.UnknownLeaderEpoch
            : ErrorCode.None;
        return new(topic, partition, log, error);
    }

    private async ValueTask<ReadResult[]> ReadOrWaitAsync(FetchRequest request, List<Target> targets, CancellationToken aborted)
    {
        var results = ReadAll(request, targets, out bool enough);
        if (enough || request.MaxWaitMs <= 0)
            return results;
        long began = broker.Time.GetTimestamp();
        while (!enough)
        {
            var left = TimeSpan.FromMilliseconds(request.MaxWaitMs) - broker.Time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
                break;
            var waiter = new FetchWaiter();
            foreach (var target in targets)
                target.Log?.AddWaiter(waiter);
            try
            {
                // Read again after the waiter is in place: an append in between would otherwise go unnoticed.
                results = Replace(results, ReadAll(request, targets, out enough));
                if (enough)
                    break;
                await waiter.Signalled.WaitAsync(left, broker.Time, aborted);
            }
            catch (TimeoutException)
            {
                break;
            }
            catch
            {
                Replace(results, []);
                throw;
            }
            finally
            {
                foreach (var target in targets)
                    target.Log?.RemoveWaiter(waiter);
            }
        }

        return enough ? results : Replace(results, ReadAll(request, targets, out _));
    }

    private static ReadResult[] Replace(ReadResult[] old, ReadResult[] with)
    {
        foreach (var result in old)
            result.Slice?.Dispose();
        return with;
    }

    /// <summary>Plans all reads. Enough is: the minimum of bytes, or an error that the client should hear of now.</summary>
    private static ReadResult[] ReadAll(FetchRequest request, List<Target> targets, out bool enough)
    {
        var results = new ReadResult[targets.Count];
        long bytes = 0;
        bool failed = targets.Count == 0;
        for (int i = 0; i < targets.Count; i++)
        {
            var target = targets[i];
            if (target.Error != ErrorCode.None)
            {
                results[i] = ReadResult.Failed(target.Error);
                failed = true;
                continue;
            }

            long limit = Math.Min(target.Partition.MaxBytes, request.MaxBytes - bytes);
            results[i] = ReadOne(target, limit, request.MaxBytes - bytes, isFirst: bytes == 0, request.CommittedOnly);
            bytes += results[i].Slice?.Length ?? 0;
            failed |= results[i].Error != ErrorCode.None;
        }

        enough = failed || bytes >= request.MinBytes;
        return results;
    }

    private static ReadResult ReadOne(Target target, long limit, long left, bool isFirst, bool committedOnly)
    {
        var result = target.Log!.Read(target.Partition.Offset, (int)Math.Max(0, limit), firstBatchAnyway: true, committedOnly);
        if (result.Slice is null || isFirst || result.Slice.Length <= left)
            return result;
        // The partition's limit may be exceeded by one batch, the response's limit only when it would be empty otherwise.
        result.Slice.Dispose();
        return result with { Slice = null, Aborted = committedOnly ? [] : null };
    }

    private static void WriteHead(KafkaWriter writer, short version, ErrorCode error)
    {
        writer.WriteInt32(0);
        if (version < 7)
            return;
        writer.WriteError(error);
        writer.WriteInt32(NoSession);
    }

    private static void Write(KafkaWriter writer, short version, FetchRequest request, List<Target> targets, ReadResult[] results)
    {
        WriteHead(writer, version, ErrorCode.None);
        int next = 0;
        writer.WriteArray(request.Topics, (_, topic) =>
        {
            if (topic.Name is not null)
                writer.WriteString(topic.Name);
            else
                writer.WriteUuid(topic.Id);
            writer.WriteArray(topic.Partitions, (_, partition) => WritePartition(writer, version, partition.Index, results[next++]));
            writer.WriteNoTags();
        });
        writer.WriteNoTags();
    }

    private static void WritePartition(KafkaWriter writer, short version, int partition, ReadResult result)
    {
        writer.WriteInt32(partition);
        writer.WriteError(result.Error);
        writer.WriteInt64(result.HighWatermark);
        writer.WriteInt64(result.LastStableOffset);
        if (version >= 5)
            writer.WriteInt64(result.LogStart);
        WriteAborted(writer, result.Aborted);
        if (version >= 11)
            writer.WriteInt32(-1);
        if (result.Slice is null)
            writer.WriteBytes([]);
        else
            writer.WriteBytes(result.Slice);
        writer.WriteNoTags();
    }

    private static void WriteAborted(KafkaWriter writer, IReadOnlyList<AbortedTransaction>? aborted)
    {
        writer.WriteArrayLength(aborted?.Count ?? -1);
        foreach (var transaction in aborted ?? [])
        {
            writer.WriteInt64(transaction.ProducerId);
            writer.WriteInt64(transaction.FirstOffset);
            writer.WriteNoTags();
        }
    }
}
