using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Transactions;

/// <summary>
/// The durable side of the coordinator: an append-only journal whose last entry for a transactional id counts, rewritten
/// when most of it is outdated. An entry is in the operating system's hands before anybody is answered.
/// </summary>
internal sealed class TransactionStore : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, TransactionMetadata> _latest = new(StringComparer.Ordinal);
    private readonly Journal _journal;

    public TransactionStore(string path)
    {
        _journal = Journal.Open(path, content => Apply(TransactionMetadata.Decode(content)));
    }

    public long CutBytes => _journal.CutBytes;

    public IReadOnlyList<TransactionMetadata> All
    {
        get
        {
            lock (_lock)
                return [.. _latest.Values];
        }
    }

    public void Save(TransactionMetadata metadata)
    {
        byte[] content = metadata.Encode();
        lock (_lock)
        {
            _journal.Append(content);
            Apply(metadata);
            if (_journal.IsMostlyOutdated)
                _journal.Rewrite(_latest.Values.Select(live => live.Encode()));
        }
    }

    public void Flush()
    {
        FileSlice? unflushed;
        lock (_lock)
            unflushed = _journal.TakeUnflushed();
        using (unflushed)
            unflushed?.FlushToDisk();
    }

    public void Dispose()
    {
        Flush();
        lock (_lock)
            _journal.Dispose();
    }

    private void Apply(TransactionMetadata metadata)
    {
        if (metadata.State == TransactionState.Dead)
            _latest.Remove(metadata.TransactionalId);
        else
            _latest[metadata.TransactionalId] = metadata;
    }
}
