using CsCheck;
using Streams.Schemas.Processing;
using Streams.Schemas.Processing.Time;

namespace Streams.Schemas.Tests.Processing.Time;

public sealed class EventTimeWindowsTests
{
    private const int Lateness = 30;
    private static readonly EventTimeWindowOptions Dropping = new(
        TimeSpan.FromMicroseconds(25), new WatermarkOptions(TimeSpan.FromMicroseconds(Lateness), TimeSpan.FromMicroseconds(200)));

    private static readonly EventTimeWindowOptions Correcting = Dropping with { CorrectFor = TimeSpan.FromMicroseconds(50) };

    /// <summary>Three sources' records, and a seed for their order.</summary>
    private static readonly Gen<((int Source, long Time)[] Records, int Seed)> Streams =
        Gen.Select(Gen.Select(Gen.Int[0, 2], Gen.Long[-100, 400], (source, time) => (source, time)).Array[1, 60], Gen.Int[0, int.MaxValue - 1]);

    [Fact]
    public void Add_AnyOrderWithinTheLateness_ClosesTheSameWindows() =>
        Streams.Sample(
            (records, seed) =>
            {
                var inOrder = Run(Dropping, [.. records.Order(Comparer<(int Source, long Time)>.Create((a, b) => a.Time.CompareTo(b.Time)))]);
                var disordered = Run(Dropping, Disorder(records, Lateness, seed));
                Assert.Equal((0, 0), (inOrder.Dropped, disordered.Dropped));
                Assert.Equal(inOrder.Results, disordered.Results);
                Assert.All(disordered.Results, window => Assert.Equal(1, window.Version));
                Assert.Equal(records.GroupBy(record => (record.Time + 100) / 25).Count(), inOrder.Results.Count);
                Assert.Equal(records.Length, inOrder.Results.Sum(window => window.Value));
            },
            iter: 10_000);

    [Fact]
    public void Add_AnyOrderWithinTheCorrection_LeavesTheSameNewestVersions() =>
        Streams.Sample(
            (records, seed) =>
            {
                // A window is kept 50 after the watermark has passed it, and the watermark is 30 behind.
                var disordered = Run(Correcting, Disorder(records, 80, seed));
                Assert.Equal(0, disordered.Dropped);
                Assert.Equal(Run(Dropping, Disorder(records, 0, seed)).Results, Newest(disordered.Results));
                foreach (var versions in disordered.Results.GroupBy(window => window.Start))
                {
                    Assert.Equal(Enumerable.Range(1, versions.Count()), versions.Select(window => window.Version));
                }
            },
            iter: 10_000);

    [Fact]
    public void Add_AnyOrder_EveryRecordIsInAWindowOrCountedAsDropped() =>
        Streams.Sample(
            (records, seed) =>
            {
                new Random(seed).Shuffle(records);
                foreach (var options in (EventTimeWindowOptions[])[Dropping, Correcting, Correcting with { MaxWindows = 3 }, Dropping with { MaxWindows = 1 }])
                {
                    var (results, dropped) = Run(options, records);
                    Assert.Equal(records.Length, Newest(results).Sum(window => window.Value) + dropped);
                }
            },
            iter: 2_000);

    [Fact]
    public void Add_IdleSource_NeitherHoldsNorJumpsTheWatermark()
    {
        var windows = new EventTimeWindows<int>(Dropping, new Counts());
        windows.Add("idle", 10, 1);
        var closed = new List<(long At, ClosedWindow<int> Window)>();
        for (var time = 10L; time <= 1_000; time += 5)
        {
            closed.AddRange(windows.Add("on", time, 1).Select(window => (time, window)));
        }

        Assert.Equal(2, closed.Count(result => result.Window.Start == 0 && result.Window.Value == 4) + closed.Count(result => result.Window.Start == 25 && result.Window.Value == 5));
        // The first window waits for the silent source, and only for so long; later ones close as soon as the lateness is over.
        Assert.InRange(closed[0].At, 200, 350);
        Assert.All(closed.Where(result => result.Window.Start >= 400), result => Assert.Equal(result.Window.End + Lateness, result.At));
        Assert.Equal(1_000 - Lateness, windows.Watermark);
    }

    [Fact]
    public void Add_LateRecords_CorrectThenDrop()
    {
        var windows = new EventTimeWindows<int>(Correcting, new Counts());
        Assert.Empty(windows.Add("a", 3, 1));
        Assert.Equal([new ClosedWindow<int>(0, 25, 1, 1)], windows.Add("a", 55, 1));
        Assert.Equal([new ClosedWindow<int>(0, 25, 2, 2)], windows.Add("a", 4, 1));
        Assert.Equal([new ClosedWindow<int>(0, 25, 3, 3)], windows.Add("b", 5, 1));
        Assert.Equal([new ClosedWindow<int>(50, 75, 1, 1)], windows.Add("a", 105, 1));
        Assert.Empty(windows.Add("a", 6, 1));
        Assert.Equal(1, windows.Dropped);
        // A window that had nothing when it closed.
        Assert.Equal([new ClosedWindow<int>(25, 50, 1, 1)], windows.Add("a", 30, 1));
    }

    [Fact]
    public void Add_MoreWindowsThanTheLimit_ClosesTheOldestEarly()
    {
        var windows = new EventTimeWindows<int>(Correcting with { MaxWindows = 4 }, new Counts());
        windows.Add("slow", 0, 1);
        var closed = new List<ClosedWindow<int>>();
        for (var i = 1; i < 50; i++)
        {
            closed.AddRange(windows.Add("slow", i % 2, 1));
            closed.AddRange(windows.Add($"fast{i}", i * 1_000, 1));
            Assert.InRange(windows.Count, 1, 4);
        }

        Assert.Equal(46, closed.Count);
        Assert.All(closed, window => Assert.Equal(1, window.Version));
    }

    [Fact]
    public void SaveLoad_BeforeEveryRecord_ChangesNothing() =>
        Streams.Sample(
            (records, seed) =>
            {
                var disordered = Disorder(records, 120, seed);
                var whole = new EventTimeWindows<int>(Correcting, new Counts());
                var again = new EventTimeWindows<int>(Correcting, new Counts());
                foreach (var (source, time) in disordered)
                {
                    again = Load(Save(again));
                    Assert.Equal(whole.Add($"{source}", time, 1), again.Add($"{source}", time, 1));
                    Assert.Equal(Save(whole), Save(again));
                }
            },
            iter: 1_000);

    [Fact]
    public void Load_AnotherVersionOrSize_IsRefused()
    {
        var windows = new EventTimeWindows<int>(Correcting, new Counts());
        windows.Add("a", 30, 1);
        var state = Save(windows);
        Assert.Contains("version 9", Assert.Throws<StateFormatException>(() => Load([9, .. state[1..]])).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => Load(state, Correcting with { Size = TimeSpan.FromMicroseconds(7) }));
        for (var length = 0; length < state.Length; length++)
        {
            Assert.ThrowsAny<IOException>(() => Load(state[..length]));
        }
    }

    private static (List<ClosedWindow<int>> Results, long Dropped) Run(EventTimeWindowOptions options, IEnumerable<(int Source, long Time)> records)
    {
        var windows = new EventTimeWindows<int>(options, new Counts());
        List<ClosedWindow<int>> results = [.. records.SelectMany(record => windows.Add($"{record.Source}", record.Time, 1))];
        results.AddRange(windows.AdvanceTo(10_000));
        return (results, windows.Dropped);
    }

    private static IEnumerable<ClosedWindow<int>> Newest(IEnumerable<ClosedWindow<int>> results) =>
        results.GroupBy(window => window.Start).OrderBy(versions => versions.Key).Select(versions => versions.MaxBy(window => window.Version)! with { Version = 1 });

    /// <summary>A permutation in which no record comes after one that is newer by more than <paramref name="most"/>.</summary>
    private static (int Source, long Time)[] Disorder((int Source, long Time)[] records, int most, int seed)
    {
        var random = new Random(seed);
        return [.. records.OrderBy(record => record.Time + (most * random.NextDouble()))];
    }

    private static byte[] Save(EventTimeWindows<int> windows)
    {
        using var bytes = new MemoryStream();
        windows.Save(new BinaryWriter(bytes));
        return bytes.ToArray();
    }

    private static EventTimeWindows<int> Load(byte[] state, EventTimeWindowOptions? options = null) =>
        EventTimeWindows<int>.Load(new BinaryReader(new MemoryStream(state)), options ?? Correcting, new Counts());

    private sealed class Counts : IWindowValue<int>
    {
        public int Merge(int one, int other) => one + other;

        public void Write(BinaryWriter writer, int value) => writer.Write(value);

        public int Read(BinaryReader reader) => reader.ReadInt32();
    }
}
