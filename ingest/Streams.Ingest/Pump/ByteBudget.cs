namespace Streams.Ingest.Pump;

/// <summary>
/// Counts the bytes in flight. Taking never waits, so that records already read are never stuck; whoever reads new ones asks first.
/// It frees up at half its size, not just below its limit, so that reading goes in long strides.
/// </summary>
internal sealed class ByteBudget(long limit) : IDisposable
{
    private readonly ManualResetEventSlim _free = new(initialState: true);
    private readonly Lock _gate = new();

    // Written under _gate, read by anyone.
    private long _used;

    public long Used => Interlocked.Read(ref _used);

    public bool IsFree => _free.IsSet;

    public void Take(long bytes)
    {
        lock (_gate)
        {
            _used += bytes;
            if (_used >= limit)
            {
                _free.Reset();
            }
        }
    }

    public void Give(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            if (_used <= limit / 2)
            {
                _free.Set();
            }
        }
    }

    /// <summary>Blocks the calling thread until there is room again; false when <paramref name="timeout"/> passed first.</summary>
    public bool WaitUntilFree(TimeSpan timeout, CancellationToken ct) => _free.Wait(timeout, ct);

    public void Dispose() => _free.Dispose();
}
