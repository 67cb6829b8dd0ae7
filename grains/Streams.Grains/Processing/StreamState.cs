using System.Text.Json.Serialization;
using Streams.Grains.Outbox;
using Streams.Grains.Partitions;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Grains.Processing;

/// <summary>
/// All that one key's grain knows, stored as one record in one compare-and-swap, so that offsets, processor state, results and
/// refusals can never disagree after a crash.
/// </summary>
[GenerateSerializer]
internal sealed class StreamState : IFencedState
{
    /// <summary>By source partition: the newest owner's epoch and the next offset to apply.</summary>
    [Id(0)]
    public Dictionary<int, PartitionProgress> Partitions { get; set; } = [];

    /// <summary>The processor's own bytes; null before the first record.</summary>
    [Id(1)]
    public byte[]? Processor { get; set; }

    /// <summary>Results of the last batch of each partition, which may not be on the results topics yet.</summary>
    [Id(2)]
    public List<OutboxResult> Outbox { get; set; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    [field: NonSerialized]
    public PartitionFence? Fence { get; set; }

    /// <summary>Notes who owns the partition now.</summary>
    /// <exception cref="StaleEpochException">A newer owner has been here.</exception>
    public PartitionProgress FenceBy(StreamKey key, int partition, long epoch)
    {
        if (!Partitions.TryGetValue(partition, out var progress))
        {
            Partitions[partition] = progress = new PartitionProgress();
        }

        if (epoch < progress.Epoch)
        {
            throw new StaleEpochException($"{key} partition {partition}", epoch, progress.Epoch);
        }

        progress.Epoch = epoch;
        return progress;
    }

    /// <summary>Takes in what came of <paramref name="fresh"/>, the records of the batch that begins at <paramref name="start"/> that had not been applied.</summary>
    public void Take(StreamKey key, int partition, long start, InputRecord[] fresh, ProcessorOutput output, byte[] saved)
    {
        Processor = saved;
        // The caller has published what was here: it sends a later batch only after that. What another partition's caller has not published
        // yet stays.
        Outbox.RemoveAll(result => result.Partition == partition && result.Offset < start);
        AddToOutbox(key, output.Results, fresh);
        var progress = Partitions[partition];
        progress.NextOffset = fresh[^1].Offset + 1;
        // The same for refusals and their dead letters.
        progress.Rejected.RemoveAll(rejected => rejected.Offset < start);
        progress.Rejected.AddRange(output.Rejections.Select(rejection => new RejectedRecord(rejection.Offset, rejection.Reason)));
    }

    /// <summary>What the caller is to be told of a batch that has been applied.</summary>
    public ApplyReply ReplyTo(int partition, InputRecord[] records)
    {
        var rejected = Partitions[partition].Rejected;
        if (rejected.Count == 0 && Outbox.Count == 0)
        {
            return ApplyReply.Empty;
        }

        var offsets = records.Select(record => record.Offset).ToHashSet();
        return new ApplyReply(
            [.. rejected.Where(record => offsets.Contains(record.Offset))],
            [.. Outbox.Where(result => result.Partition == partition && offsets.Contains(result.Offset))]);
    }

    private void AddToOutbox(StreamKey key, IReadOnlyList<ResultDraft> drafts, InputRecord[] records)
    {
        if (drafts.Count == 0)
        {
            return;
        }

        var published = records.ToDictionary(record => record.Offset, record => record.Published);
        var numbers = new Dictionary<long, int>();
        foreach (var draft in drafts)
        {
            numbers[draft.Offset] = numbers.TryGetValue(draft.Offset, out var n) ? ++n : n = 0;
            var id = new ResultId(key.Run, key.Topic, draft.Partition, draft.Offset, n);
            Outbox.Add(new OutboxResult(
                id.ToString(), key.Run, draft.Topic, key.Key, draft.Time, draft.Type, draft.Data, published.GetValueOrDefault(draft.Offset), draft.Partition, draft.Offset));
        }
    }
}

/// <summary>Where one key stands in one partition.</summary>
[GenerateSerializer]
internal sealed class PartitionProgress
{
    [Id(0)]
    public long Epoch { get; set; }

    [Id(1)]
    public long NextOffset { get; set; }

    /// <summary>
    /// Records refused since the last batch that was taken whole. A pump that crashed before their dead letters were acknowledged reads them
    /// again and must be told again, though they count as applied.
    /// </summary>
    [Id(2)]
    public List<RejectedRecord> Rejected { get; set; } = [];

    /// <summary>Those of <paramref name="records"/> that have not been applied yet.</summary>
    public InputRecord[] Fresh(InputRecord[] records)
    {
        var first = Array.FindIndex(records, record => record.Offset >= NextOffset);
        return first switch { < 0 => [], 0 => records, _ => records[first..] };
    }
}
