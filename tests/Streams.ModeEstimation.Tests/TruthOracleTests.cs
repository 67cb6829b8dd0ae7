using Streams.Processors.ModeEstimation;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests;

public sealed class TruthOracleTests
{
    private static readonly LabelProgress Nothing = new(0, null, 0, 0, 11);

    [Theory]
    [InlineData(0, 2, true)]
    [InlineData(1, 2, false)]
    public void Compare_Query_SaysWhetherTheTruthsAreEqual(int sample, int other, bool equal)
    {
        var query = new LabelQuery("t", LabelQueryKind.Compare, 7, sample, Nothing, other);

        Assert.Equal(new LabelPair("t", sample, other, equal, "anna", 7), TruthOracle.Of(["a", "b", "a"], "anna").Compare(query));
        Assert.Null(TruthOracle.Of(["a", "b", "a"]).Answer(query));
        Assert.Null(TruthOracle.Of(["a", "b", "a"]).Compare(new LabelQuery("t", LabelQueryKind.Ask, 7, 1, Nothing)));
        Assert.Throws<KeyNotFoundException>(() => TruthOracle.Of(["a"]).Compare(query));
    }

    [Fact]
    public void Answer_Ask_IsTheTruthAboutThatSample() =>
        Assert.Equal(
            new LabelSample("t", "1", "b", "anna", 7),
            TruthOracle.Of(["a", "b"], "anna").Answer(new LabelQuery("t", LabelQueryKind.Ask, 7, 1, Nothing)));

    [Fact]
    public void Answer_Stop_IsNothing() =>
        Assert.Null(TruthOracle.Of(["a", "b"]).Answer(new LabelQuery("t", LabelQueryKind.Stop, null, null, Nothing)));

    [Fact]
    public void Answer_SampleWithoutATruth_SaysWhichAndWhatToDo()
    {
        var missing = Assert.Throws<KeyNotFoundException>(() => TruthOracle.Of(["a", "b"]).Answer(new LabelQuery("t", LabelQueryKind.Ask, 0, 2, Nothing)));
        Assert.Contains("asks about sample 2", missing.Message, StringComparison.Ordinal);
        Assert.Contains("2 known", missing.Message, StringComparison.Ordinal);
    }
}
