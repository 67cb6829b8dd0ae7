using Streams.Host.Pipeline;

namespace Streams.EndToEnd;

public sealed class ForwardTimeTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 29, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void GetUtcNow_ClockIsSetBack_GoesOnFromWhereItWas()
    {
        var clock = new SettableClock { Utc = Start };
        var time = new ForwardTime(clock);
        clock.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(Start.AddMinutes(1), time.GetUtcNow());
        clock.Utc -= TimeSpan.FromHours(2);
        Assert.Equal(Start.AddMinutes(1), time.GetUtcNow());
        clock.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(Start.AddMinutes(2), time.GetUtcNow());
    }

    [Fact]
    public void GetUtcNow_ClockIsSetForward_Follows()
    {
        var clock = new SettableClock { Utc = Start };
        var time = new ForwardTime(clock);
        clock.Utc += TimeSpan.FromHours(1);
        Assert.Equal(Start.AddHours(1), time.GetUtcNow());
        clock.Utc -= TimeSpan.FromHours(1);
        clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(Start.AddHours(1).AddSeconds(1), time.GetUtcNow());
    }

    private sealed class SettableClock : TimeProvider
    {
        private TimeSpan _passed;

        public DateTimeOffset Utc { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(TimeSpan time)
        {
            _passed += time;
            Utc += time;
        }

        public override DateTimeOffset GetUtcNow() => Utc;

        public override long GetTimestamp() => _passed.Ticks;
    }
}
