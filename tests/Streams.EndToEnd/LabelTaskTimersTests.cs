using Streams.Host.Pipeline;
using Streams.Schemas.Labels;

namespace Streams.EndToEnd;

public sealed class LabelTaskTimersTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly LabelTaskTimers _timers = new();

    [Fact]
    public void Due_NoAnswerForLong_RepeatsTheDefinitionAtThatPace()
    {
        var definition = Open(reask: 10);
        Assert.Empty(Due(9.9));
        Assert.Equal([new(definition, 3, LabelTaskTimers.Cause.NoAnswer)], Due(10));
        _timers.Asked("t");
        Assert.Empty(Due(19));
        Assert.Equal([new(definition, 3, LabelTaskTimers.Cause.NoAnswer)], Due(20));
        _timers.Asked("t");
        _timers.Answered("t", Start.AddSeconds(25));
        Assert.Empty(Due(34));
        Assert.Single(Due(35));
    }

    [Fact]
    public void Due_TaskThatReplies_IsRepeatedWithoutEnd()
    {
        Open(reask: 1);
        for (var second = 1; second < 50; second++)
        {
            Assert.Equal(LabelTaskTimers.Cause.NoAnswer, Assert.Single(Due(second)).Cause);
            _timers.Asked("t");
        }
    }

    /// <summary>Such as a definition that the estimator refused because a task of that name had ended.</summary>
    [Fact]
    public void Due_TaskThatDoesNotReply_IsRepeatedEverMoreRarelyAndGivenUp()
    {
        Open(reask: 1);
        var due = Enumerable.Range(1, 3_000).SelectMany(second => Due(second).Select(due => (second, due.Cause))).ToList();
        Assert.Equal([1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 2047], due.Select(at => at.second));
        Assert.All(due.SkipLast(1), at => Assert.Equal(LabelTaskTimers.Cause.NoAnswer, at.Cause));
        Assert.Equal(LabelTaskTimers.Cause.Silent, due[^1].Cause);
        Assert.Equal(0, _timers.Count);
    }

    [Fact]
    public void Due_Deadline_ComesOnceAndEndsTheWatch()
    {
        var definition = Open(deadline: 30);
        Assert.Empty(Due(29.9));
        Assert.Equal([new(definition, 3, LabelTaskTimers.Cause.Deadline)], Due(30));
        Assert.Empty(Due(31));
        Assert.False(_timers.Contains("t"));
    }

    [Fact]
    public void Due_SilentTaskWithADeadline_IsStillEndedThen()
    {
        Open(reask: 1, deadline: 5_000);
        var due = Enumerable.Range(1, 6_000).SelectMany(second => Due(second)).Select(due => due.Cause).ToList();
        Assert.Equal(LabelTaskTimers.MostSilentRepeats, due.Count(cause => cause == LabelTaskTimers.Cause.NoAnswer));
        Assert.Equal([LabelTaskTimers.Cause.Silent, LabelTaskTimers.Cause.Deadline], due.TakeLast(2));
    }

    [Fact]
    public void Close_StoppedTask_NothingIsDueAnyMore()
    {
        Open(reask: 1, deadline: 5);
        Assert.True(_timers.Close("t"));
        Assert.False(_timers.Close("t"));
        Assert.Empty(Due(60));
    }

    [Fact]
    public void Open_AgainOrWithoutTimes_ChangesNothing()
    {
        var first = Open(reask: 10);
        _timers.Open(first with { ReaskAfterSeconds = 1 }, 4, Start.AddSeconds(5));
        _timers.Open(new LabelTask("untimed", 0.1, 2), 3, Start);

        Assert.Equal(1, _timers.Count);
        Assert.Empty(Due(9));
        Assert.Equal(first, Assert.Single(Due(10)).Definition);
    }

    [Fact]
    public void Forget_Partition_LeavesTheTasksOfTheOthers()
    {
        Open(reask: 10);
        var other = new LabelTask("other", 0.1, 2, 1000, ReaskAfterSeconds: 10);
        _timers.Open(other, 4, Start);
        Assert.Equal((3, 4, null), (_timers.PartitionOf("t"), _timers.PartitionOf("other"), _timers.PartitionOf("unknown")));
        _timers.Forget(3);
        Assert.Equal([new(other, 4, LabelTaskTimers.Cause.NoAnswer)], Due(10));
    }

    private LabelTask Open(int? reask = null, int? deadline = null)
    {
        var definition = new LabelTask("t", 0.1, 2, 1000, Deadline: deadline is { } seconds ? Start.AddSeconds(seconds) : null, ReaskAfterSeconds: reask);
        _timers.Open(definition, 3, Start);
        return definition;
    }

    private IReadOnlyList<DueLabelTask> Due(double seconds) => _timers.Due(Start.AddSeconds(seconds));
}
