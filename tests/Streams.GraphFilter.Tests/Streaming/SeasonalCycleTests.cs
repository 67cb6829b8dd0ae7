using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Signals;

namespace Streams.GraphFilter.Tests.Streaming;

public sealed class SeasonalCycleTests
{
    private const int Sensors = 6;
    private const int Rows = 24 * 20;

    [Fact]
    public void ApplyAsync_DailyCycleAndMostHidden_FillsBetterThanWithoutASeason()
    {
        var (rows, hidden) = Hourly(amplitude: 3);
        var with = Error(rows, hidden, Feed.Quick with { WindowRows = 200 });
        var without = Error(rows, hidden, Feed.Quick with { WindowRows = 200, Season = TimeSpan.Zero });
        Assert.InRange(with, 0, 0.8 * without);
    }

    [Fact]
    public void ApplyAsync_NoCycle_IsNoWorseForLookingForOne()
    {
        var (rows, hidden) = Hourly(amplitude: 0);
        Assert.InRange(Error(rows, hidden, Feed.Quick), 0, 1.02 * Error(rows, hidden, Feed.Quick with { Season = TimeSpan.Zero }));
    }

    [Fact]
    public void SaveState_WithACycle_GoesOnToTheByte()
    {
        var (_, hidden) = Hourly(amplitude: 3);
        IRecordProcessor straight = Feed.Processor(), restored = Feed.Processor();
        foreach (var record in Records(hidden).Take(120))
        {
            straight.Apply(record);
            restored.Apply(record);
            restored = Feed.Processor(state: restored.SaveState());
        }

        Assert.Equal(straight.SaveState(), restored.SaveState());
    }

    private static double Error(double[][] rows, double[][] hidden, GraphFilterOptions options)
    {
        var filled = Feed.Processor(options).Apply(Records(hidden)).Filled().Where(value => value.Time >= Feed.Start.AddDays(5)).ToArray();
        return Math.Sqrt(filled.Average(value => Math.Pow(value.Value - rows[(int)(value.Time - Feed.Start).TotalHours][value.Sensor[1] - '0'], 2)));
    }

    private static List<InputRecord> Records(double[][] rows) =>
    [
        .. rows.Select((row, hour) => new InputRecord(0, hour, Feed.Start.AddHours(hour), EventTypes.SensorSignal, SignalCodec.Encode(
            new SignalBatch(Feed.Network, "degC", Feed.Names(Sensors), [Feed.Start.AddHours(hour)], row), SignalPrecision.Double))),
    ];

    /// <summary>A cycle whose hour differs from sensor to sensor, slow weather that all share, and noise; three of four readings are hidden.</summary>
    private static (double[][] Rows, double[][] Hidden) Hourly(double amplitude)
    {
        var random = new Random(4);
        var weather = 0d;
        double[][] rows = new double[Rows][], hidden = new double[Rows][];
        for (var hour = 0; hour < Rows; hour++)
        {
            weather = (0.97 * weather) + (0.3 * Synthetic.Normal(random));
            rows[hour] = [.. Enumerable.Range(0, Sensors).Select(i => 10 + i + weather + (amplitude * Math.Cos(2 * Math.PI * (hour + (3 * i)) / 24)) + (0.5 * Synthetic.Normal(random)))];
            hidden[hour] = [.. rows[hour].Select(value => random.NextDouble() < 0.75 ? double.NaN : value)];
        }

        return (rows, hidden);
    }
}
