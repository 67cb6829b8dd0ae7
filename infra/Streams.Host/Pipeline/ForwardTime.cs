namespace Streams.Host.Pipeline;

/// <summary>
/// A wall clock that never goes back. It follows jumps forward; after a jump back it goes on by the monotonic clock from where it was. Orleans 10.4.2
/// activates no new grain until a clock that was set back has caught up (<c>ActivationCollector.MakeTicketFromDateTime</c>).
/// </summary>
internal sealed class ForwardTime(TimeProvider inner) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly long _start = inner.GetTimestamp();
    private DateTimeOffset _origin = inner.GetUtcNow();

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => inner.LocalTimeZone;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            var elapsed = inner.GetElapsedTime(_start);
            var now = inner.GetUtcNow();
            if (now - elapsed > _origin)
            {
                _origin = now - elapsed;
            }

            return _origin + elapsed;
        }
    }

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);
}
