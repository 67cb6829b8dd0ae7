using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Signals;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Signals;

namespace Streams.Ingest.Tests.Sources.Signals;

public sealed class SensorCsvSourceTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("uscrn/uscrn_daily_tmean_2020.csv", 155, 366)]
    [InlineData("molene/molene_temperature_hourly_degC.csv", 55, 744)]
    public async Task Read_RealNetwork_EveryReadingArrives(string file, int sensors, int rows)
    {
        var path = SharedData.Find(file);
        var source = await OpenAsync(path, options => options with { Units = "degC", RowsPerRecord = 50 });

        var records = await Records.AllAsync(source);
        var batches = records.Select(record => SignalCodec.Decode(record.Value, "net")).ToList();

        // Counted by hand: the cells of the file, without any CSV library.
        var cells = File.ReadLines(path).Skip(1).SelectMany(line => line.Split(',').Skip(1)).ToArray();
        Assert.Equal((rows + 49) / 50, records.Count);
        Assert.Equal(source.ExpectedRecords, records.Count);
        Assert.Equal(rows, batches.Sum(batch => batch.Times.Count));
        Assert.All(batches, batch => Assert.Equal(sensors, batch.Sensors.Count));
        Assert.All(batches, batch => Assert.Equal("degC", batch.Units));
        Assert.Equal(File.ReadLines(path).First().Split(',').Skip(1), batches[0].Sensors);
        var values = batches.SelectMany(batch => batch.Values.ToArray()).ToArray();
        Assert.Equal(cells.Length, values.Length);
        Assert.Equal(cells.Count(cell => cell.Length == 0), values.Count(double.IsNaN));
        for (var i = 0; i < cells.Length; i++)
        {
            Assert.True(cells[i].Length == 0 ? double.IsNaN(values[i]) : (float)values[i] == float.Parse(cells[i], System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task Read_HourlyTimes_AreUtcAndTheRecordCarriesTheLatest()
    {
        var path = _temp.File("a.csv", "t,a,b\n2014-01-01 00:00:00,1,\n2014-01-01T01:00:00+01:00,2,3\n2014-01-01T02:30,4,5\n");

        var record = Assert.Single(await Records.AllAsync(await OpenAsync(path)));

        var midnight = new DateTimeOffset(2014, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var batch = SignalCodec.Decode(record.Value);
        Assert.Equal([midnight, midnight, midnight.AddHours(2.5)], batch.Times);
        Assert.Equal(midnight.AddHours(2.5), record.Envelope.Time);
        Assert.Equal(Topics.SensorSignals, record.Topic);
        Assert.Equal("net", record.Key);
        Assert.Equal(EventTypes.SensorSignal, record.Envelope.Type);
        Assert.Equal("net/1388543400000000/0", record.Envelope.Id);
        Assert.Equal("/networks/net", record.Envelope.Source);
        Assert.Equal(record.Envelope, EventEnvelope.FromHeaders(name => record.AllHeaders().SingleOrDefault(h => h.Key == name).Value));
    }

    [Fact]
    public async Task Read_Twice_GivesTheSameRecords()
    {
        var path = _temp.File("a.csv", "t,a\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n");
        var source = await OpenAsync(path, options => options with { RowsPerRecord = 2 });

        var first = await Records.AllAsync(source);
        var second = await Records.AllAsync(source);

        Assert.Equal(first.Select(record => record.Envelope), second.Select(record => record.Envelope));
        Assert.Equal(first.Select(record => record.Value.ToArray()), second.Select(record => record.Value.ToArray()));
        Assert.Equal(2, first.Select(record => record.Envelope.Id).Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("NA")]
    [InlineData("null")]
    [InlineData("  ")]
    public async Task Read_MissingReading_IsNaN(string cell)
    {
        var path = _temp.File("a.csv", $"t,a,b\n2020-01-01,{cell},2\n");

        var record = Assert.Single(await Records.AllAsync(await OpenAsync(path)));

        Assert.Equal([double.NaN, 2], SignalCodec.Decode(record.Value).Values.ToArray());
    }

    [Fact]
    public async Task Read_FiltersOfTimeAndSensor_TakeThose()
    {
        var path = _temp.File("a.csv", "t,a,b,c\n2020-01-01,1,2,3\n2020-01-02,4,5,6\n2020-01-03,7,8,9\n");
        var source = await OpenAsync(path, options => options with
        {
            From = new(2020, 1, 2, 0, 0, 0, TimeSpan.Zero),
            To = new(2020, 1, 3, 0, 0, 0, TimeSpan.Zero),
            Sensors = ["c", "a"],
        });

        var record = Assert.Single(await Records.AllAsync(source));

        Assert.Equal(["a", "c"], source.Sensors);
        Assert.Null(source.ExpectedRecords);
        Assert.Equal([4, 6], SignalCodec.Decode(record.Value).Values.ToArray());
    }

    [Theory]
    [InlineData("t,a\n2020-01-01,1\n2020-01-02,x1\n", "line 3, column 'a': 'x1' is not a number")]
    [InlineData("t,a\n2020-01-01,1\n\n01/02/2020,1\n", "line 4, column 't': '01/02/2020' is not a time")]
    [InlineData("t,a\n2020-01-01,1e39\n", "line 2, column 'a': '1e39' is beyond float32")]
    [InlineData("t,a\n2020-01-01,Infinity\n", "line 2, column 'a': 'Infinity' is beyond float32")]
    [InlineData("t,a\n2020-01-01,1,2\n", "line 2: 3 fields where the header has 2")]
    [InlineData("t,a,b\n2020-01-01,1\n", "line 2: 2 fields where the header has 3")]
    [InlineData("t,a\n2020-01-01,\"1\"2\n", "line 2")]
    [InlineData("t,a\n", "has no row")]
    public async Task Read_BadRow_NamesFileLineColumnValueAndRemedy(string text, string expected)
    {
        var path = _temp.File("bad.csv", text);

        var e = await Assert.ThrowsAsync<SourceException>(async () => await Records.AllAsync(await OpenAsync(path)));

        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains("; ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("t\n2020-01-01\n", "0 sensor columns")]
    [InlineData("t,a,a\n", "occurs twice")]
    [InlineData("t,a,\n", "sensor name ''")]
    public async Task Open_BadHeader_SaysWhy(string text, string expected)
    {
        var path = _temp.File("bad.csv", text);

        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(path));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_BadOptions_NameOptionValueAndRange()
    {
        var path = _temp.File("a.csv", "t,a\n2020-01-01,1\n");
        var day = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

        await RefusedAsync(options => options with { RowsPerRecord = 0 }, "RowsPerRecord is 0; give 1 to 1000000");
        await RefusedAsync(options => options with { Network = " " }, "Network is missing");
        await RefusedAsync(options => options with { Network = new string('x', 513) }, "Network has 513 bytes");
        await RefusedAsync(options => options with { From = day, To = day }, "give a To after From");
        await RefusedAsync(options => options with { Sensors = ["b"] }, "Sensors names 'b'");
        await RefusedAsync(options => options with { Path = _temp.Folder }, "is a directory");
        await RefusedAsync(options => options with { Path = path + "x" }, "does not exist");

        async Task RefusedAsync(Func<SensorCsvOptions, SensorCsvOptions> change, string expected) =>
            Assert.Contains(expected, (await Assert.ThrowsAsync<SourceException>(() => OpenAsync(path, change))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_RecordTooLarge_SaysHowManyRowsFit()
    {
        var header = "t," + string.Join(',', Enumerable.Range(0, 2000));

        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(_temp.File("wide.csv", header), options => options with { RowsPerRecord = 2000 }));

        Assert.Contains("give at most 1571", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_Cancelled_Stops()
    {
        var source = await OpenAsync(_temp.File("a.csv", "t,a\n2020-01-01,1\n2020-01-02,2\n"), options => options with { RowsPerRecord = 1 });
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in source.ReadAsync(stop.Token))
            {
                await stop.CancelAsync();
            }
        });
    }

    private static Task<SensorCsvSource> OpenAsync(string path, Func<SensorCsvOptions, SensorCsvOptions>? change = null)
    {
        var options = new SensorCsvOptions { Path = path, Network = "net" };
        return SensorCsvSource.OpenAsync(change?.Invoke(options) ?? options, TestContext.Current.CancellationToken);
    }
}
