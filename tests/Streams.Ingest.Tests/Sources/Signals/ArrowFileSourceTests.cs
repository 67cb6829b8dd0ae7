using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Signals;
using Streams.Schemas;
using Streams.Schemas.Signals;

namespace Streams.Ingest.Tests.Sources.Signals;

public sealed class ArrowFileSourceTests : IDisposable
{
    private static readonly DateTimeOffset Day = new(2020, 2, 3, 0, 0, 0, TimeSpan.Zero);
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Read_RecordOfTheWire_GivesItsReadingsInNewBatches()
    {
        double[] values = [1, double.NaN, 3, 4, 5, 6, double.NaN, 8, 9, 10];
        var written = new SignalBatch("rivers", "m", ["a", "b"], [.. Enumerable.Range(0, 5).Select(i => Day.AddMinutes(i))], values);
        var source = await OpenAsync(_temp.File("wire.arrows", SignalCodec.Encode(written)), o => o with { RowsPerRecord = 2 });

        var records = await Records.AllAsync(source);

        var read = records.Select(record => SignalCodec.Decode(record.Value, "rivers")).ToList();
        Assert.Equal([2, 2, 1], read.Select(batch => batch.Times.Count));
        Assert.Equal(3, source.ExpectedRecords);
        Assert.Equal(written.Times, read.SelectMany(batch => batch.Times));
        Assert.Equal(values, read.SelectMany(batch => batch.Values.ToArray()));
        Assert.All(read, batch => Assert.Equal(("m", "a b"), (batch.Units, string.Join(' ', batch.Sensors))));
        Assert.Equal(3, records.Select(record => record.Envelope.Id).Distinct().Count());
        Assert.All(records, record => Assert.Equal((Topics.SensorSignals, "rivers"), (record.Topic, record.Key)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_PlainTableOfSeveralBatches_IsRebatched(bool file)
    {
        var path = Write(file, Timestamps(TimeUnit.Microsecond, "UTC"), Timestamps(TimeUnit.Microsecond, "UTC"), Timestamps(TimeUnit.Microsecond, "UTC"));
        var source = await OpenAsync(path, o => o with { Network = "net", Units = "K", RowsPerRecord = 4 });

        var read = (await Records.AllAsync(source)).Select(record => SignalCodec.Decode(record.Value, "net")).ToList();

        Assert.Equal([4, 2], read.Select(batch => batch.Times.Count));
        Assert.Equal(["single", "double"], source.Sensors);
        Assert.Equal([1, 10, double.NaN, 20, 1, 10, double.NaN, 20, 1, 10, double.NaN, 20], read.SelectMany(batch => batch.Values.ToArray()));
        Assert.All(read, batch => Assert.Equal("K", batch.Units));
    }

    [Theory]
    [InlineData(TimeUnit.Second, null)]
    [InlineData(TimeUnit.Millisecond, "UTC")]
    [InlineData(TimeUnit.Microsecond, "Europe/Paris")]
    [InlineData(TimeUnit.Nanosecond, "+00:00")]
    public async Task Read_TimestampOfAnyUnit_IsTheInstant(TimeUnit unit, string? zone)
    {
        var source = await OpenAsync(Write(file: true, Timestamps(unit, zone)), o => o with { Network = "net" });

        var batch = SignalCodec.Decode(Assert.Single(await Records.AllAsync(source)).Value);

        Assert.Equal([Day, Day.AddHours(1)], batch.Times);
    }

    [Fact]
    public async Task Read_Dates_AreMidnightUtc()
    {
        var dates = new Date32Array.Builder().Append(Day.UtcDateTime).Append(Day.UtcDateTime.AddDays(1)).Build();
        var source = await OpenAsync(Write(file: false, dates), o => o with { Network = "net" });

        var batch = SignalCodec.Decode(Assert.Single(await Records.AllAsync(source)).Value);

        Assert.Equal([Day, Day.AddDays(1)], batch.Times);
    }

    [Fact]
    public async Task Read_Filters_TakeThoseRowsAndSensors()
    {
        var source = await OpenAsync(
            Write(file: true, Timestamps(TimeUnit.Second, null)),
            o => o with { Network = "net", From = Day.AddMinutes(1), Sensors = ["double"] });

        var batch = SignalCodec.Decode(Assert.Single(await Records.AllAsync(source)).Value);

        Assert.Null(source.ExpectedRecords);
        Assert.Equal(["double"], batch.Sensors);
        Assert.Equal([20], batch.Values.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_BrokenOffAnywhere_IsTyped(bool file)
    {
        var bytes = await File.ReadAllBytesAsync(Write(file, Timestamps(TimeUnit.Second, null)), TestContext.Current.CancellationToken);
        for (var length = 0; length < bytes.Length; length++)
        {
            var path = _temp.File("cut.arrow", bytes.AsSpan(0, length));

            var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(path, o => o with { Network = "net" }));

            Assert.Contains(path, e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_ByteDamaged_GivesReadingsOrTheTypedError(bool file)
    {
        var bytes = await File.ReadAllBytesAsync(Write(file, Timestamps(TimeUnit.Second, null)), TestContext.Current.CancellationToken);
        var refused = 0;
        // Every byte takes ten seconds: Arrow's reader allocates what a damaged length claims.
        for (var i = 0; i < bytes.Length; i += 7)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 0x55;
            try
            {
                Assert.NotEmpty(await Records.AllAsync(await OpenAsync(_temp.File("damaged.arrow", damaged), o => o with { Network = "net" })));
            }
            catch (SourceException)
            {
                refused++;
            }
        }

        Assert.NotEqual(0, refused);
    }

    [Fact]
    public async Task Open_AnotherFormat_SaysHowItBegins()
    {
        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(_temp.File("x.arrow", "PAR1 and the rest")));

        Assert.Contains("begins with 50415231", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_NoNetworkAnywhere_AsksForIt()
    {
        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(Write(file: true, Timestamps(TimeUnit.Second, null))));

        Assert.Contains("Network is missing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_ColumnThatHoldsNoReadings_IsNamedWithItsType()
    {
        var table = Table(Timestamps(TimeUnit.Second, null), ("count", new Int32Array.Builder().Append(1).Append(2).Build()));

        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(Write(file: true, table), o => o with { Network = "net" }));

        Assert.Contains("column 'count': its type is int32", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_TwoColumnsOfTimes_AreNamed()
    {
        var table = Table(Timestamps(TimeUnit.Second, null), ("received", Timestamps(TimeUnit.Second, null)));

        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(Write(file: true, table), o => o with { Network = "net" }));

        Assert.Contains("2 columns of times (when, received)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_VersionFromTheFuture_IsRefused()
    {
        var table = Table(Timestamps(TimeUnit.Second, null), ("a", Singles(1, 2)));
        var path = Write(file: true, new RecordBatch(new Schema(table.Schema.FieldsList, new Dictionary<string, string> { ["schema_version"] = "7" }), table.Arrays, 2));

        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(path, o => o with { Network = "net" }));

        Assert.Contains("schema_version '7'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_NullTime_NamesTheRow()
    {
        var times = new TimestampArray.Builder(new TimestampType(TimeUnit.Second, "UTC")).Append(Day).AppendNull().Build();
        var source = await OpenAsync(Write(file: true, times), o => o with { Network = "net" });

        var e = await Assert.ThrowsAsync<SourceException>(() => Records.AllAsync(source));

        Assert.Contains("row 1, column 'when': null is not a time", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_TimeOutsideTheCalendar_NamesTheRow()
    {
        var times = new TimestampArray(new TimestampType(TimeUnit.Second, "UTC"), new ArrowBuffer.Builder<long>().Append(0).Append(long.MaxValue).Build(), ArrowBuffer.Empty, 2, 0, 0);
        var source = await OpenAsync(Write(file: true, times), o => o with { Network = "net" });

        var e = await Assert.ThrowsAsync<SourceException>(() => Records.AllAsync(source));

        Assert.Contains("row 1, column 'when'", e.Message, StringComparison.Ordinal);
        Assert.Contains("outside the years", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_InfiniteValue_NamesRowAndColumn()
    {
        var table = Table(Timestamps(TimeUnit.Second, null), ("a", Singles(1, float.PositiveInfinity)));
        var source = await OpenAsync(Write(file: true, table), o => o with { Network = "net" });

        var e = await Assert.ThrowsAsync<SourceException>(() => Records.AllAsync(source));

        Assert.Contains("row 1, column 'a': Infinity is beyond float32", e.Message, StringComparison.Ordinal);
    }

    private static TimestampArray Timestamps(TimeUnit unit, string? zone) =>
        new TimestampArray.Builder(new TimestampType(unit, zone)).Append(Day).Append(Day.AddHours(1)).Build();

    private static FloatArray Singles(params float[] values) => new FloatArray.Builder().AppendRange(values).Build();

    private static RecordBatch Table(IArrowArray times, params (string Name, IArrowArray Column)[] sensors)
    {
        (string Name, IArrowArray Column)[] columns = [("when", times), .. sensors];
        return new RecordBatch(new Schema(columns.Select(c => new Field(c.Name, c.Column.Data.DataType, true)), null), columns.Select(c => c.Column), 2);
    }

    private string Write(bool file, params IArrowArray[] times) => Write(file, [.. times.Select(column => Table(
        column,
        ("single", new FloatArray.Builder().Append(1).AppendNull().Build()),
        ("double", new DoubleArray.Builder().Append(10).Append(20).Build())))]);

    private string Write(bool file, params RecordBatch[] batches)
    {
        var path = Path.Combine(_temp.Folder, $"{Guid.NewGuid():N}.arrow");
        using var stream = File.Create(path);
        using var writer = file ? new ArrowFileWriter(stream, batches[0].Schema) : new ArrowStreamWriter(stream, batches[0].Schema);
        writer.WriteStart();
        foreach (var batch in batches)
        {
            writer.WriteRecordBatch(batch);
        }

        writer.WriteEnd();
        return path;
    }

    private static Task<ArrowFileSource> OpenAsync(string path, Func<ArrowFileOptions, ArrowFileOptions>? change = null)
    {
        var options = new ArrowFileOptions { Path = path };
        return ArrowFileSource.OpenAsync(change?.Invoke(options) ?? options, TestContext.Current.CancellationToken);
    }
}
