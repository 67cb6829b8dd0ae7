using Streams.Schemas.Signals;

namespace Streams.Schemas.Tests.Signals;

public sealed class SignalBatchTests
{
    private static readonly DateTimeOffset[] OneTime = [DateTimeOffset.UnixEpoch];

    [Fact]
    public void Constructor_NoNetwork_SaysSo() => Refused("network", () => new SignalBatch(" ", null, ["a"], OneTime, [1]));

    [Fact]
    public void Constructor_NoSensors_SaysSo() => Refused("sensors", () => new SignalBatch("n", null, [], OneTime, []));

    [Fact]
    public void Constructor_RepeatedSensor_NamesIt() => Refused("b", () => new SignalBatch("n", null, ["a", "b", "b"], OneTime, [1, 2, 3]));

    [Theory]
    [InlineData("")]
    [InlineData("time")]
    public void Constructor_UnusableSensorName_SaysSo(string name) => Refused("sensors", () => new SignalBatch("n", null, [name], OneTime, [1]));

    [Fact]
    public void Constructor_NoRows_SaysSo() => Refused("rows", () => new SignalBatch("n", null, ["a"], [], []));

    [Fact]
    public void Constructor_WrongCount_GivesTheRightOne()
    {
        var refusal = Refused("values", () => new SignalBatch("n", null, ["a", "b"], OneTime, [1, 2, 3]));
        Assert.Contains("give 2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_InfiniteValue_NamesSensorAndRow()
    {
        var refusal = Refused("b", () => new SignalBatch("n", null, ["a", "b"], [OneTime[0], OneTime[0]], [1, 2, 3, double.NegativeInfinity]));
        Assert.Contains("row 1", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Constructor_UnreadableVersion_SaysWhichAreReadable(int version)
    {
        var refusal = Refused("schema_version", () => new SignalBatch("n", null, ["a"], OneTime, [1], version));
        Assert.Contains("1 to 2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Row_OfSeveral_IsInSensorOrder()
    {
        var batch = new SignalBatch("n", "degC", ["a", "b"], [OneTime[0], OneTime[0].AddDays(1)], [1, 2, 3, double.NaN]);
        Assert.Equal([3, double.NaN], batch.Row(1).ToArray());
        Assert.Equal(2, batch[0, 1]);
    }

    private static RecordFormatException Refused(string field, Func<SignalBatch> make)
    {
        var refusal = Assert.Throws<RecordFormatException>(make);
        Assert.Equal(field, refusal.Field);
        return refusal;
    }
}
