namespace Streams.EndToEnd.Faults;

/// <summary>Histories made by hand that the checker must find fault with, and one that it must not.</summary>
public sealed class HistoryCheckerTests
{
    private static readonly Dictionary<string, string> Expected = new() { ["live/s/0/0/0"] = "k 1", ["live/s/0/2/0"] = "k 2" };
    private static readonly (int, long, string)[] Source = [(0, 0, "a"), (0, 1, "b"), (0, 2, "c")];
    private static readonly Dictionary<(int, long), string> Acknowledged = new() { [(0, 0)] = "a", [(0, 1)] = "b", [(0, 2)] = "c" };
    private static readonly (string Id, string Value)[] Shown = [("live/s/0/0/0", "k 1"), ("live/s/0/2/0", "k 2")];
    private static readonly ResultRead[] Good = [new(0, 0, "live/s/0/0/0", "k 1"), new(0, 1, "live/s/0/2/0", "k 2")];

    [Fact]
    public void Check_AllAsItShouldBe_IsClean()
    {
        var verdict = Check(Good);
        Assert.True(verdict.IsClean, verdict.ToString());
    }

    [Fact]
    public void Check_SameIdWithTheSameValueAgain_IsARepetition()
    {
        var verdict = Check([.. Good, new(0, 2, "live/s/0/0/0", "k 1")]);
        Assert.True(verdict.IsClean, verdict.ToString());
        Assert.Equal(1, verdict.Repeated);
    }

    [Fact]
    public void Check_ResultThatNeverCame_IsLost() => Assert.Equal(["live/s/0/2/0"], Check(Good[..1]).Lost);

    [Fact]
    public void Check_AcknowledgedRecordThatTheTopicLacks_IsLost() => Assert.Single(Check(Good, source: Source[..2]).Lost);

    [Fact]
    public void Check_ValueOfADoubledEffect_IsDoubled() => Assert.Equal(["live/s/0/2/0"], Check([Good[0], Good[1] with { Value = "k 3" }]).Doubled);

    [Fact]
    public void Check_IdThatShouldNotExist_IsDoubled() => Assert.Equal(["live/s/0/1/0"], Check([.. Good, new(0, 2, "live/s/0/1/0", "k 9")]).Doubled);

    [Fact]
    public void Check_ValueTwiceInTheTopic_IsDoubled() => Assert.Equal(["a"], Check(Good, source: [.. Source, (0, 3, "a")]).Doubled);

    [Fact]
    public void Check_IdWithAnotherValue_IsAConflict() => Assert.Equal(["live/s/0/0/0"], Check([.. Good, new(0, 2, "live/s/0/0/0", "k 7")]).Conflicts);

    [Fact]
    public void Check_OffsetWithAnotherValue_IsAConflict() => Assert.Contains("offset 0/1", Check([.. Good, new(0, 1, "live/s/0/0/0", "k 1")]).Conflicts);

    [Fact]
    public void Check_AbortedValueRead_IsFound() => Assert.Equal(["b"], Check(Good, aborted: ["b"]).AbortedReads);

    [Fact]
    public void Check_LaterResultFirst_IsOutOfOrder() => Assert.Equal(["live/s/0/0/0"], Check([Good[1] with { Offset = 0 }, Good[0] with { Offset = 1 }]).OutOfOrder);

    [Fact]
    public void Check_RestLacksAResult_IsWrong() => Assert.Equal(["live/s/0/2/0"], Check(Good, served: Shown[..1]).Misshown);

    [Fact]
    public void Check_RestShowsAResultTwice_IsWrong() => Assert.Equal(["live/s/0/0/0"], Check(Good, served: [.. Shown, Shown[0]]).Misshown);

    [Fact]
    public void Check_RestShowsAnotherValue_IsWrong() => Assert.Equal(["live/s/0/2/0"], Check(Good, served: [Shown[0], (Shown[1].Id, "k 9")]).Misshown);

    [Fact]
    public void Check_RestShowsWhatShouldNotExist_IsWrong() => Assert.Equal(["live/s/0/1/0"], Check(Good, served: [.. Shown, ("live/s/0/1/0", "k 9")]).Misshown);

    [Fact]
    public void Check_HistoryOfAFile_IsTheSame()
    {
        var file = Path.GetTempFileName();
        try
        {
            Made([Good[0], Good[0], Good[1] with { Value = "k 3" }], Source[..2], ["b"], Shown[..1]).Save(file);
            var verdict = HistoryChecker.Check(History.Load(file), KeyOf);
            Assert.Equal(1, verdict.Repeated);
            Assert.Equal(["b"], verdict.AbortedReads);
            Assert.Equal(["live/s/0/2/0"], verdict.Doubled);
            Assert.Equal(["live/s/0/2/0"], verdict.Misshown);
            Assert.Single(verdict.Lost);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static HistoryChecker.Verdict Check(
        IReadOnlyList<ResultRead> read,
        IReadOnlyList<(int, long, string)>? source = null,
        IEnumerable<string>? aborted = null,
        IReadOnlyList<(string, string)>? served = null) =>
        HistoryChecker.Check(Made(read, source ?? Source, aborted ?? [], served), KeyOf);

    private static History Made(
        IReadOnlyList<ResultRead> read, IReadOnlyList<(int, long, string)> source, IEnumerable<string> aborted, IReadOnlyList<(string, string)>? served) => new()
        {
            Acknowledged = Acknowledged,
            Aborted = [.. aborted],
            Source = [.. source],
            Expected = Expected,
            Read = [.. read],
            Served = served is null ? null : [.. served],
        };

    private static string KeyOf(string value) => value.Split(' ')[0];
}
