using System.Text;
using Streams.Schemas.Results;

namespace Streams.Schemas.Tests.Results;

public sealed class ResultJsonTests
{
    [Fact]
    public void Serialize_Names_AreCamelCase() =>
        Assert.Equal(
            "{\"labels\":7,\"leader\":\"cat\",\"leaderCount\":5,\"runnerUpCount\":2,\"leaderNeeded\":11}",
            Text(new LabelProgress(7, "cat", 5, 2, 11)));

    [Fact]
    public void Serialize_Null_IsLeftOut() =>
        Assert.Equal("{\"network\":\"n\",\"values\":[]}", Text(new ImputedReadings("n", null, [])));

    [Theory]
    [InlineData(0, "2026-01-31T12:00:00.000000Z")]
    [InlineData(10, "2026-01-31T12:00:00.000001Z")]
    // What is finer than a microsecond is cut, not rounded into the next one.
    [InlineData(19, "2026-01-31T12:00:00.000001Z")]
    [InlineData(9_999_999, "2026-01-31T12:00:00.999999Z")]
    public void Serialize_Time_IsUtcWithMicroseconds(long ticks, string expected)
    {
        var time = new DateTimeOffset(2026, 1, 31, 17, 30, 0, TimeSpan.FromHours(5.5)).AddTicks(ticks);

        Assert.Equal($"\"{expected}\"", Text(time));
    }

    [Theory]
    [InlineData("\"2026-01-31T12:00:00Z\"")]
    [InlineData("\"2026-01-31T12:00:00.000000Z\"")]
    [InlineData("\"2026-01-31T17:30:00+05:30\"")]
    public void Deserialize_TimeOfAnyOffset_IsTheInstantInUtc(string json)
    {
        var time = ResultJson.Deserialize<DateTimeOffset>(Encoding.UTF8.GetBytes(json));

        Assert.Equal(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), time);
        Assert.Equal(TimeSpan.Zero, time.Offset);
    }

    [Theory]
    [InlineData(LabelModeStatus.Decided, "\"DECIDED\"")]
    [InlineData(LabelModeStatus.Abstain, "\"ABSTAIN\"")]
    [InlineData(LabelModeStatus.EpsMode, "\"EPS_MODE\"")]
    [InlineData(LabelQueryKind.Ask, "\"ASK\"")]
    [InlineData(LabelQueryKind.Stop, "\"STOP\"")]
    public void Serialize_Enum_IsAnUpperCaseWord(object value, string expected) => Assert.Equal(expected, Text(value));

    [Fact]
    public void Serialize_TextOfAnyLanguage_IsNotEscaped() => Assert.Equal("\"Größe 猫 <a&b>\"", Text("Größe 猫 <a&b>"));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Serialize_NumberThatJsonLacks_Throws(double value) => Assert.Throws<ArgumentException>(() => ResultJson.Serialize(value));

    [Theory]
    [InlineData("", "data")]
    [InlineData("null", "data")]
    [InlineData("[]", "data")]
    [InlineData("{\"labels\":7", "data.labels")]
    [InlineData("{\"labels\":\"7\",\"leaderCount\":5,\"runnerUpCount\":2,\"leaderNeeded\":11}", "data.labels")]
    [InlineData("{\"labels\":7.5,\"leaderCount\":5,\"runnerUpCount\":2,\"leaderNeeded\":11}", "data.labels")]
    [InlineData("{\"labels\":7,\"leaderCount\":5,\"leaderNeeded\":12}", "data")]
    public void Deserialize_NotOfTheForm_NamesTheField(string json, string field) =>
        Assert.Equal(field, Assert.Throws<RecordFormatException>(() => ResultJson.Deserialize<LabelProgress>(Encoding.UTF8.GetBytes(json))).Field);

    [Fact]
    public void Deserialize_NullWhereAValueMustBe_NamesTheField() =>
        Assert.Equal(
            "data.network",
            Assert.Throws<RecordFormatException>(() => ResultJson.Deserialize<ImputedReadings>("{\"network\":null,\"values\":[]}"u8)).Field);

    private static string Text<T>(T value) => Encoding.UTF8.GetString(ResultJson.Serialize(value));
}
