using Apache.Arrow;
using Apache.Arrow.Types;
using CsCheck;
using Streams.Schemas.Signals;

namespace Streams.Schemas.Tests.Signals;

public sealed class SignalCodecTests
{
    private static readonly string[] Names = ["a", "b", "mast 2", "Größe", "e", "f"];

    private static readonly string?[] Units = ["degC", null, ""];

    private static readonly Gen<SignalBatch> Batches =
        from sensors in Gen.Int[1, 6]
        from rows in Gen.Int[1, 12]
        from times in Gen.Long[-62_135_596_800_000_000, 253_402_300_799_000_000].Array[rows]
        from values in Gen.Frequency((4, Gen.Float.Where(float.IsFinite).Select(value => (double)value)), (1, Gen.Const(double.NaN))).Array[rows * sensors]
        from units in Gen.Int[0, 2].Select(i => Units[i])
        select new SignalBatch("net", units, Names[..sensors], [.. times.Select(EventTime.FromMicroseconds)], values);

    [Theory]
    [InlineData(SignalPrecision.Single)]
    [InlineData(SignalPrecision.Double)]
    public void Decode_OfEncode_GivesTheBatchBack(SignalPrecision precision) =>
        Batches.Sample(batch =>
        {
            var read = SignalCodec.Decode(SignalCodec.Encode(batch, precision), "net");
            Assert.Equal(batch.Network, read.Network);
            Assert.Equal(batch.Units, read.Units);
            Assert.Equal(batch.SchemaVersion, read.SchemaVersion);
            Assert.Equal(batch.Sensors, read.Sensors);
            Assert.Equal(batch.Times, read.Times);
            Assert.Equal(batch.Values.ToArray(), read.Values.ToArray());
        });

    [Fact]
    public void Encode_Double_KeepsAllDigits()
    {
        var batch = new SignalBatch("net", null, ["a"], [DateTimeOffset.UnixEpoch], [Math.PI]);
        Assert.Equal(Math.PI, SignalCodec.Decode(SignalCodec.Encode(batch, SignalPrecision.Double))[0, 0]);
    }

    [Fact]
    public void Encode_BeyondFloat32_NamesTheSensorAndTheRemedy()
    {
        var batch = new SignalBatch("net", null, ["a"], [DateTimeOffset.UnixEpoch], [1e300]);
        var refusal = Assert.Throws<RecordFormatException>(() => SignalCodec.Encode(batch));
        Assert.Equal("a", refusal.Field);
        Assert.Contains("double precision", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_TimeColumnLastAndMixedWidths_AreAccepted()
    {
        var read = SignalCodec.Decode(ArrowStreams.Write(
            ArrowStreams.Metadata(), ("a", ArrowStreams.Floats(1, null)), ("b", ArrowStreams.Doubles(3, double.NaN)), ("time", ArrowStreams.Times(5, 6))));
        Assert.Equal(["a", "b"], read.Sensors);
        Assert.Equal([1, 3, double.NaN, double.NaN], read.Values.ToArray());
        Assert.Equal(EventTime.FromMicroseconds(6), read.Times[1]);
    }

    [Fact]
    public void Decode_TwoRecordBatches_AreJoined()
    {
        var read = SignalCodec.Decode(ArrowStreams.Write(ArrowStreams.Metadata(), 2, ("time", ArrowStreams.Times(5, 6)), ("a", ArrowStreams.Floats(1, 2))));
        Assert.Equal(4, read.Times.Count);
        Assert.Equal([1, 2, 1, 2], read.Values.ToArray());
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public void Decode_ThisOrTheNextVersion_IsAccepted(string version) =>
        Assert.Equal(version, SignalCodec.Decode(Simple(ArrowStreams.Metadata(version))).SchemaVersion.ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("0")]
    [InlineData("3")]
    [InlineData("-1")]
    [InlineData("one")]
    [InlineData("99999999999")]
    public void Decode_AnotherVersion_NamesItAndTheReadableOnes(string version)
    {
        var refusal = Refused("schema_version", Simple(ArrowStreams.Metadata(version)));
        Assert.Contains($"'{version}'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("1 to 2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_NoMetadata_NamesWhatIsMissing() => Refused("schema_version", Simple(null));

    [Fact]
    public void Decode_NoNetwork_SaysSo() => Refused("network", Simple(new() { ["schema_version"] = "1" }));

    [Fact]
    public void Decode_NetworkOtherThanKey_NamesBoth()
    {
        var refusal = Assert.Throws<RecordFormatException>(() => SignalCodec.Decode(Simple(ArrowStreams.Metadata()), "other"));
        Assert.Contains("'net'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'other'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_NoTimeColumn_SaysSo() => Refused("time", ArrowStreams.Write(ArrowStreams.Metadata(), ("a", ArrowStreams.Floats(1))));

    [Fact]
    public void Decode_TwoTimeColumns_SaysSo() =>
        Refused("time", ArrowStreams.Write(ArrowStreams.Metadata(), ("time", ArrowStreams.Times(1)), ("time", ArrowStreams.Times(1)), ("a", ArrowStreams.Floats(1))));

    [Fact]
    public void Decode_TimeAsNumber_NamesTheTypeWanted()
    {
        var refusal = Refused("time", ArrowStreams.Write(ArrowStreams.Metadata(), ("time", ArrowStreams.Doubles(1)), ("a", ArrowStreams.Floats(1))));
        Assert.Contains("timestamp[us, UTC]", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TimeUnit.Millisecond, "UTC")]
    [InlineData(TimeUnit.Microsecond, "Europe/Paris")]
    [InlineData(TimeUnit.Microsecond, null)]
    public void Decode_TimeInAnotherUnitOrZone_NamesTheTypeFound(TimeUnit unit, string? zone)
    {
        var column = new TimestampArray.Builder(new TimestampType(unit, zone)).Append(DateTimeOffset.UnixEpoch).Build();
        var refusal = Refused("time", ArrowStreams.Write(ArrowStreams.Metadata(), ("time", column), ("a", ArrowStreams.Floats(1))));
        Assert.Contains(unit.ToString(), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_NullTime_NamesTheRow() =>
        Assert.Contains(
            "row 1",
            Refused("time", ArrowStreams.Write(ArrowStreams.Metadata(), ("time", ArrowStreams.Times(1, null)), ("a", ArrowStreams.Floats(1, 2)))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Decode_TimeBeyondTheCalendar_SaysSo()
    {
        var column = new TimestampArray(
            new TimestampType(TimeUnit.Microsecond, "UTC"), new ArrowBuffer(BitConverter.GetBytes(long.MaxValue)), ArrowBuffer.Empty, 1, 0, 0);
        Refused("time", ArrowStreams.Write(ArrowStreams.Metadata(), ("time", column), ("a", ArrowStreams.Floats(1))));
    }

    [Fact]
    public void Decode_IntegerColumn_NamesTheSensor() =>
        Refused("b", ArrowStreams.Write(ArrowStreams.Metadata(), ("time", ArrowStreams.Times(1)), ("b", new Int32Array.Builder().Append(1).Build())));

    [Fact]
    public void Decode_NestedColumn_IsRefused()
    {
        var lists = new ListArray.Builder(FloatType.Default);
        lists.Append();
        Refused("column 1", ArrowStreams.Write(ArrowStreams.Metadata(), ("time", ArrowStreams.Times(1)), ("b", lists.Build())));
    }

    [Fact]
    public void Decode_OnlyTime_SaysNoSensors() => Refused("sensors", ArrowStreams.Write(ArrowStreams.Metadata(), ("time", ArrowStreams.Times(1))));

    [Fact]
    public void Decode_RepeatedSensor_NamesIt() =>
        Refused("a", ArrowStreams.Write(ArrowStreams.Metadata(), ("time", ArrowStreams.Times(1)), ("a", ArrowStreams.Floats(1)), ("a", ArrowStreams.Floats(1))));

    [Fact]
    public void Decode_InfiniteReading_NamesSensor() =>
        Refused("a", ArrowStreams.Write(ArrowStreams.Metadata(), ("time", ArrowStreams.Times(1)), ("a", ArrowStreams.Floats(float.PositiveInfinity))));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Decode_NoRows_SaysSo(int batches) =>
        Refused("rows", ArrowStreams.Write(ArrowStreams.Metadata(), batches, ("time", ArrowStreams.Times()), ("a", ArrowStreams.Floats())));

    [Fact]
    public void Decode_Empty_SaysSo() => Refused("arrow", []);

    [Fact]
    public void Decode_Text_SaysSo() => Refused("arrow", "time,a\n2020-01-01,3.5\n"u8.ToArray());

    [Fact]
    public void Decode_GoldenVersion1_IsReadAsItWasWritten()
    {
        var path = Path.Combine(RepositoryRoot(), "tests", "Streams.Schemas.Tests", "Golden", "signals-v1.arrows");
        var read = SignalCodec.Decode(File.ReadAllBytes(path), "uscrn");
        Assert.Equal("degC", read.Units);
        Assert.Equal(1, read.SchemaVersion);
        Assert.Equal(["AK Fairbanks 11 NE", "TX Austin 33 NW", "HI Hilo 5 S"], read.Sensors);
        Assert.Equal([new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2020, 1, 2, 0, 0, 0, 1, TimeSpan.Zero)], read.Times);
        Assert.Equal([-23.5, double.NaN, 18.25, double.NaN, 11.75, 18.5], read.Values.ToArray());
    }

    private static byte[] Simple(Dictionary<string, string>? metadata) =>
        ArrowStreams.Write(metadata, ("time", ArrowStreams.Times(1)), ("a", ArrowStreams.Floats(1)));

    private static RecordFormatException Refused(string field, byte[] stream)
    {
        var refusal = Assert.Throws<RecordFormatException>(() => SignalCodec.Decode(stream));
        Assert.Equal(field, refusal.Field);
        return refusal;
    }

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Streams.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Streams.sln is in no folder above the tests");
        }

        return folder;
    }

    [Fact]
    public void Decode_RenamedSensors_AreReadAsWritten()
    {
        var renamed = new Dictionary<string, string> { ["old"] = "new", ["a=b"] = "c,d" };
        var batch = new SignalBatch("net", null, ["new"], [DateTimeOffset.UnixEpoch], [1], renamed: renamed);
        Assert.Equal(renamed, SignalCodec.Decode(SignalCodec.Encode(batch)).Renamed);
    }

    [Theory]
    [InlineData("", "new")]
    [InlineData("old", "time")]
    [InlineData("same", "same")]
    public void Create_RenamesThatCannotBe_AreRefused(string before, string now) =>
        Assert.Contains("renamed", Assert.Throws<RecordFormatException>(() => new SignalBatch(
            "net", null, ["a"], [DateTimeOffset.UnixEpoch], [1], renamed: new Dictionary<string, string> { [before] = now })).Message, StringComparison.Ordinal);
}
