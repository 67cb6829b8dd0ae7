using Microsoft.Extensions.Time.Testing;
using Streams.Ingest.Replay;
using Streams.Ingest.Tests.Fakes;
using Streams.Schemas.Processing;

namespace Streams.Ingest.Tests.Replay;

public sealed class ThrottleTests
{
    private static readonly PartitionId Partition = new("check", "t", 0);

    [Theory]
    [InlineData(100, 1)]
    [InlineData(5, 1)]
    [InlineData(1_000_000, 40_000)]
    [InlineData(1_000, 5_000)]
    public void TokenBucket_WhoeverWaitsAsTold_GetsItsRate(double perSecond, double amount)
    {
        var time = new FakeTimeProvider();
        var bucket = new TokenBucket(perSecond, time);
        var began = time.GetTimestamp();
        var taken = 0.0;
        while (taken < 60 * perSecond)
        {
            time.Advance(bucket.Take(amount));
            taken += amount;
        }

        // All but the burst of a tenth of a second is paid for.
        Assert.InRange(time.GetElapsedTime(began).TotalSeconds, (taken / perSecond) - 0.11, (taken / perSecond) + 0.01);
    }

    [Fact]
    public void TokenBucket_AfterAPause_GivesNoMoreThanItsBurst()
    {
        var time = new FakeTimeProvider();
        var bucket = new TokenBucket(100, time);
        time.Advance(TimeSpan.FromHours(1));
        var free = Enumerable.Range(0, 100).TakeWhile(_ => bucket.Take(1) == TimeSpan.Zero).Count();
        Assert.InRange(free, 9, 11);
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    public async Task DutyCycleSink_CallsOfASecond_TakeTheirShareOfTheTime(double share)
    {
        var time = new FakeTimeProvider();
        var calls = 0;
        var inner = new FakeSink
        {
            OnApply = (_, _, _) =>
            {
                calls++;
                time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult<IReadOnlyList<Rejection>>([]);
            },
        };
        var sink = new DutyCycleSink(inner, share, time);
        for (var i = 0; i < 5; i++)
        {
            var call = sink.ApplyAsync(Partition, "key", new PartitionLease(1, -1, "lease"), [], CancellationToken.None).AsTask();
            Assert.False(call.IsCompleted);
            var rest = TimeSpan.FromSeconds(1 / share) - TimeSpan.FromSeconds(1);
            time.Advance(rest - TimeSpan.FromMilliseconds(1));
            Assert.False(call.IsCompleted);
            time.Advance(TimeSpan.FromMilliseconds(1));
            await call.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }

        Assert.Equal(5, calls);
    }
}
