namespace Streams.Ingest.Replay;

/// <summary>Lets so much pass per second, and a tenth of a second's worth at once. Used by one thread.</summary>
internal sealed class TokenBucket(double perSecond, TimeProvider time)
{
    private const double BurstSeconds = 0.1;

    private double _tokens = perSecond * BurstSeconds;
    private long _filled = time.GetTimestamp();

    /// <summary>Takes <paramref name="amount"/>, and tells how long to wait before the next is taken: what is larger than the burst goes by itself, and is paid for after.</summary>
    public TimeSpan Take(double amount)
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(perSecond * BurstSeconds, _tokens + (time.GetElapsedTime(_filled, now).TotalSeconds * perSecond));
        _filled = now;
        _tokens -= amount;
        return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
    }
}
