using System.Collections.Concurrent;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Ingest.Tests.Fakes;

/// <summary>Keeps what it is given; what a call does can be set.</summary>
internal sealed class FakeSink : IRecordSink
{
    public ConcurrentQueue<(PartitionId Partition, string Key, long Epoch, IReadOnlyList<InputRecord> Records)> Calls { get; } = new();

    public Func<string, IReadOnlyList<InputRecord>, CancellationToken, Task<IReadOnlyList<Rejection>>> OnApply { get; set; } =
        (_, _, _) => Task.FromResult<IReadOnlyList<Rejection>>([]);

    /// <summary>The results of a call that succeeded; none unless set.</summary>
    public Func<string, IReadOnlyList<InputRecord>, IReadOnlyList<ResultMessage>> Results { get; set; } = (_, _) => [];

    /// <summary>Records of calls that succeeded, in the order of their ends.</summary>
    public ConcurrentQueue<(string Key, InputRecord Record)> Applied { get; } = new();

    /// <summary>Whether keys share calls.</summary>
    public bool Shares { get; set; }

    /// <summary>The keys of each call that several could share.</summary>
    public ConcurrentQueue<IReadOnlyList<string>> SharedCalls { get; } = new();

    public bool SharesCalls(string topic) => Shares;

    public async ValueTask<IReadOnlyList<KeyOutcome>> ApplyAsync(
        PartitionId partition, PartitionLease lease, IReadOnlyList<KeyedRecords> keys, CancellationToken ct)
    {
        SharedCalls.Enqueue([.. keys.Select(key => key.Key)]);
        var outcomes = new List<KeyOutcome>();
        foreach (var (key, records) in keys)
        {
            try
            {
                outcomes.Add(new KeyOutcome(await ApplyAsync(partition, key, lease, records, ct), null));
            }
            catch (Exception e) when (e is not StaleEpochException)
            {
                outcomes.Add(new KeyOutcome(null, e));
            }
        }

        return outcomes;
    }

    public async ValueTask<ApplyOutcome> ApplyAsync(
        PartitionId partition, string key, PartitionLease lease, IReadOnlyList<InputRecord> records, CancellationToken ct)
    {
        Calls.Enqueue((partition, key, lease.Epoch, records));
        var rejections = await OnApply(key, records, ct);
        foreach (var record in records)
        {
            Applied.Enqueue((key, record));
        }

        return new ApplyOutcome(rejections, Results(key, records));
    }
}
