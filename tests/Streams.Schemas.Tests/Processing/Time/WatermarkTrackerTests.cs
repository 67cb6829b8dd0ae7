using CsCheck;
using Streams.Schemas.Processing;
using Streams.Schemas.Processing.Time;

namespace Streams.Schemas.Tests.Processing.Time;

public sealed class WatermarkTrackerTests
{
    private const long Lateness = 20;
    private const long Idle = 100;
    private static readonly WatermarkOptions Options = new(TimeSpan.FromMicroseconds(Lateness), TimeSpan.FromMicroseconds(Idle));

    /// <summary>Records of up to four sources, forward and back and now and then far away.</summary>
    private static readonly Gen<(string Source, long Time)[]> AnyRecords =
        Gen.Select(Gen.Int[0, 3], Gen.Frequency((9, Gen.Long[0, 500]), (1, Gen.Long[0, 1_000_000])), (source, time) => ($"s{source}", time)).Array[0, 60];

    [Fact]
    public void Observe_OneSource_StaysTheLatenessBehindItsNewest()
    {
        var tracker = new WatermarkTracker(Options);
        Assert.Equal(long.MinValue, tracker.Watermark);
        Assert.Equal(80, tracker.Observe("a", 100));
        Assert.Equal(80, tracker.Observe("a", 90));
        Assert.Equal(81, tracker.Observe("a", 101));
        Assert.True(tracker.IsLate(80));
        Assert.False(tracker.IsLate(81));
    }

    [Fact]
    public void Observe_SlowerSource_HoldsTheWatermark()
    {
        var tracker = new WatermarkTracker(Options);
        tracker.Observe("a", 50);
        Assert.Equal(30, tracker.Observe("b", 55));
        Assert.Equal(30, tracker.Observe("b", 90));
        Assert.Equal(40, tracker.Observe("a", 60));
        Assert.Equal(2, tracker.ActiveSources);
    }

    [Fact]
    public void Observe_SilentSource_HoldsUntilOthersMovedOnByIdleAfterAndThenNoMore() =>
        Gen.Select(Gen.Long[1, 40], Gen.Int[1, 3]).Sample(
            (step, others) =>
            {
                var tracker = new WatermarkTracker(Options);
                tracker.Observe("silent", 1_000);
                var released = 0L;
                for (var time = 1_000L; released == 0 && time < 2_000; time += step)
                {
                    for (var other = 0; other < others; other++)
                    {
                        var watermark = tracker.Observe($"{other}", time);
                        // It follows the others and never runs before them.
                        Assert.True(watermark <= time - Lateness);
                        if (watermark > 1_000 - Lateness && released == 0)
                        {
                            released = time - 1_000;
                        }
                    }
                }

                Assert.InRange(released, Idle, (Idle * 3 / 2) + (4 * step));
                Assert.Equal(others, tracker.ActiveSources);
            },
            iter: 2_000);

    [Fact]
    public void Observe_OneSourceFarAhead_NeverDragsTheWatermarkPastTheOthers() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[2, 60], Gen.Long[100, 315_576_000_000_000], Gen.Int[0, 1_000_000]).Sample(
            (others, at, jump, seed) =>
            {
                var random = new Random(seed);
                var tracker = new WatermarkTracker(Options);
                var newest = new long[others];
                for (var round = 1; round < 80; round++)
                {
                    var order = Enumerable.Range(-1, others + 1).ToArray();
                    random.Shuffle(order);
                    foreach (var source in order)
                    {
                        if (source < 0)
                        {
                            tracker.Observe("ahead", (round * 10) + (round >= at ? jump : 0));
                        }
                        else
                        {
                            newest[source] = (round * 10) - random.Next(10);
                            tracker.Observe($"{source}", newest[source]);
                        }

                        // In the first rounds not everybody has been heard.
                        Assert.True(round <= 2 || tracker.Watermark <= newest.Min() - Lateness, $"{tracker.Watermark} with the others at {newest.Min()}");
                    }
                }

                // Nor does it hold the others back.
                Assert.Equal(newest.Min() - Lateness, tracker.Watermark);
            },
            iter: 2_000);

    [Fact]
    public void Observe_OneJumpAlone_MakesNobodyIdle()
    {
        var tracker = new WatermarkTracker(Options);
        tracker.Observe("a", 1_000);
        tracker.Observe("b", 1_000);
        tracker.Observe("b", 1_000_000_000);
        Assert.Equal((980, 2), (tracker.Watermark, tracker.ActiveSources));
    }

    [Fact]
    public void Observe_IdleSourceWithABacklog_CountsAgainOnceItsRecordsAreInTime()
    {
        var tracker = new WatermarkTracker(Options);
        tracker.Observe("back", 1_000);
        for (var time = 1_000; time <= 2_000; time += 10)
        {
            tracker.Observe("on", time);
        }

        Assert.Equal((1_980, 1), (tracker.Watermark, tracker.ActiveSources));
        for (var time = 1_010; time < 1_980; time += 10)
        {
            tracker.Observe("back", time);
        }

        Assert.Equal(2_010, tracker.Observe("on", 2_030));
        Assert.Equal(1, tracker.ActiveSources);
        tracker.Observe("back", 2_015);
        Assert.Equal(2, tracker.ActiveSources);
        Assert.Equal(2_010, tracker.Observe("on", 2_040));
        Assert.Equal(2_015, tracker.Observe("back", 2_035));
    }

    [Fact]
    public void Observe_NewSourceThatIsLate_DoesNotHold()
    {
        var tracker = new WatermarkTracker(Options);
        tracker.Observe("a", 1_000);
        tracker.Observe("late", 5);
        Assert.Equal(990, tracker.Observe("a", 1_010));
        Assert.Equal((1, 2), (tracker.ActiveSources, tracker.Sources));
    }

    [Fact]
    public void Observe_MoreSourcesThanTheLimit_ForgetsTheOneNotHeardForLongest()
    {
        var tracker = new WatermarkTracker(Options with { MaxSources = 3 });
        for (var i = 0; i < 1_000; i++)
        {
            tracker.Observe($"once-{i}", 1_000 + i);
            Assert.InRange(tracker.Sources, 1, 3);
        }

        Assert.Equal(1_997 - Lateness, tracker.Watermark);
    }

    [Fact]
    public void Observe_AnyRecords_NeverGoesBackNorBeyondTheNewest() =>
        AnyRecords.Sample(
            records =>
            {
                var tracker = new WatermarkTracker(Options);
                var (last, newest) = (long.MinValue, long.MinValue);
                foreach (var (source, time) in records)
                {
                    newest = Math.Max(newest, time);
                    var watermark = tracker.Observe(source, time);
                    Assert.InRange(watermark, last, newest - Lateness);
                    last = watermark;
                    Assert.True(tracker.ActiveSources > 0);
                }
            },
            iter: 10_000);

    [Fact]
    public void SaveLoad_BeforeEveryRecord_ChangesNothing() =>
        AnyRecords.Sample(
            records =>
            {
                var whole = new WatermarkTracker(Options);
                var again = new WatermarkTracker(Options);
                foreach (var (source, time) in records)
                {
                    again = Load(Save(again));
                    Assert.Equal(whole.Observe(source, time), again.Observe(source, time));
                    Assert.Equal(Save(whole), Save(again));
                }
            },
            iter: 2_000);

    [Fact]
    public void Load_AnotherVersion_IsRefusedWithBoth()
    {
        var refused = Assert.Throws<StateFormatException>(() => Load([9, .. Save(new WatermarkTracker(Options))[1..]]));
        Assert.Contains("version 9", refused.Message, StringComparison.Ordinal);
        Assert.Contains("version 1", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 1, 1)]
    [InlineData(0, 0, 1)]
    [InlineData(0, 1, 0)]
    public void Options_OutOfRange_AreRefused(long lateness, long idle, int sources) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WatermarkTracker(new WatermarkOptions(TimeSpan.FromSeconds(lateness), TimeSpan.FromSeconds(idle), sources)));

    private static byte[] Save(WatermarkTracker tracker)
    {
        using var bytes = new MemoryStream();
        tracker.Save(new BinaryWriter(bytes));
        return bytes.ToArray();
    }

    private static WatermarkTracker Load(byte[] state) => WatermarkTracker.Load(new BinaryReader(new MemoryStream(state)), Options);
}
