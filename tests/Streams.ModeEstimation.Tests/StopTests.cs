using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests;

/// <summary>An operator ends a task at a place of its log.</summary>
public sealed class StopTests
{
    [Fact]
    public void Stop_TaskWithQueriesOpen_AbstainsAndTellsTheOracles()
    {
        var harness = new TaskHarness();
        harness.Define(0.01, 3, pool: 100);
        harness.Send(harness.Asks.First().Sample!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture), "a", 0);

        Stop(harness);

        Assert.Equal((LabelModeStatus.Abstain, "a", 1L), (harness.Mode.Status, harness.Mode.Mode, harness.Mode.LabelsUsed));
        Assert.Equal(harness.Log.Count - 1, harness.Mode.LastOffset);
        Assert.True(harness.IsStopped);
    }

    [Fact]
    public void Stop_Again_ChangesNothingAndSamplesAreLate()
    {
        var harness = new TaskHarness();
        harness.Define(0.01, 3);
        harness.Send("1", "a");
        Stop(harness);
        harness.Restart();
        var state = harness.Processor.SaveState();

        Stop(harness);
        Assert.Equal(state, harness.Processor.SaveState());
        Assert.Single(harness.Modes);
        harness.Send("2", "a");
        Assert.Equal(1, harness.Statistics.Late);
        Assert.Empty(harness.Rejections);
    }

    [Fact]
    public void Stop_TaskThatIsWatched_LeavesItsModeAndEndsTheWatch()
    {
        var harness = new TaskHarness();
        harness.Define(new LabelTask(harness.Task, 0.2, 2, DriftAlarm: 1_000));
        for (var i = 0; harness.Modes.Count == 0; i++)
        {
            harness.Send(i.ToString(System.Globalization.CultureInfo.InvariantCulture), "a");
        }

        Stop(harness);
        Assert.Equal(LabelModeStatus.Decided, harness.Mode.Status);
        Assert.True(harness.IsStopped);
        harness.Restart();
        harness.Define(0.5, 5);
        Assert.Contains("watched it until it was stopped", Assert.Single(harness.Rejections).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Stop_TaskAboutPairs_Abstains()
    {
        var harness = new TaskHarness();
        harness.DefinePairs(0.1, 3, pool: 20);
        Stop(harness);
        Assert.Equal(LabelModeStatus.Abstain, harness.Mode.Status);
    }

    [Fact]
    public void Stop_TaskThatWasNeverOpened_IsRefusedAndLeavesNoTrace()
    {
        var harness = new TaskHarness();
        var state = harness.Processor.SaveState();
        Stop(harness);
        Assert.Contains("data.task: is 't', which was never opened", Assert.Single(harness.Rejections).Reason, StringComparison.Ordinal);
        Assert.Equal(state, harness.Processor.SaveState());
    }

    [Fact]
    public void Stop_InOneBatchOrInMany_GivesTheSame()
    {
        var one = new TaskHarness();
        one.Define(0.01, 3);
        one.Send("1", "a");
        Stop(one);
        var other = new TaskHarness();
        other.Apply(one.Log);

        Assert.Equal(one.Results.Select(result => Convert.ToHexString(result.Data)), other.Results.Select(result => Convert.ToHexString(result.Data)));
        Assert.Equal(one.Processor.SaveState(), other.Processor.SaveState());
    }

    private static void Stop(TaskHarness harness) => harness.Send(EventTypes.LabelStop, LabelCodec.Encode(new LabelStop(harness.Task, "ada")));
}
