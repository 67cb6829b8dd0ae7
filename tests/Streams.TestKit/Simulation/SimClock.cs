namespace Streams.TestKit.Simulation;

/// <summary>Time that stands still while anything can run, and then jumps to the next timer.</summary>
internal sealed class SimClock : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // By due time, then in the order of creation.
    private readonly PriorityQueue<Timer, (long Due, long Order)> _timers = new();
    private long _created;

    /// <summary>Since the start of the simulation.</summary>
    public TimeSpan Now { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.Ticks;

    public override DateTimeOffset GetUtcNow() => Start + Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state, period);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Jumps to the next timer and runs it; false when there is none.</summary>
    public bool Advance()
    {
        while (_timers.TryDequeue(out var timer, out var at))
        {
            if (timer.Due == at.Due && timer.Order == at.Order)
            {
                Now = TimeSpan.FromTicks(Math.Max(at.Due, Now.Ticks));
                timer.Fire();
                return true;
            }
        }

        return false;
    }

    private sealed class Timer(SimClock clock, TimerCallback callback, object? state, TimeSpan period) : ITimer
    {
        private TimeSpan _period = period;

        // Where its valid entry in the queue stands; -1 when it is not to fire.
        public long Due { get; private set; } = -1;

        public long Order { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            if (dueTime < TimeSpan.Zero)
            {
                Due = -1;
                return true;
            }

            // A wait in real life never ends at the very instant.
            Due = clock.Now.Ticks + Math.Max(dueTime.Ticks, 1);
            Order = clock._created++;
            clock._timers.Enqueue(this, (Due, Order));
            return true;
        }

        public void Fire()
        {
            Due = -1;
            if (_period > TimeSpan.Zero)
            {
                Change(_period, _period);
            }

            callback(state);
        }

        public void Dispose() => Due = -1;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
