using System.Text;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;

namespace Streams.ModeEstimation.Tests;

public sealed class RefusedRecordTests
{
    [Theory]
    [InlineData("900", "a", 0L, "query 0 asked about sample")]
    [InlineData("1000", "a", null, "not in the pool of this task; give a number from 0 to 999")]
    [InlineData("-1", "a", null, "not in the pool")]
    [InlineData("x7", "a", 0L, "not in the pool")]
    [InlineData("7", "a", 8L, "was never asked (8 queries so far, from 0)")]
    [InlineData("7", "a", long.MaxValue, "was never asked")]
    public void Apply_BadAnswer_IsRefusedAndChangesNothing(string sample, string label, long? query, string reason)
    {
        var harness = new TaskHarness();
        harness.Define(0.1, 2, pool: 1000);
        var before = harness.Processor.SaveState();
        var results = harness.Results.Count;
        harness.Send(sample, label, query);

        harness.AssertRejected(reason);
        Assert.Equal((3, 1L), (harness.Rejections[0].Partition, harness.Rejections[0].Offset));
        Assert.Equal(before, harness.Processor.SaveState());
        Assert.Equal(results, harness.Results.Count);
    }

    [Fact]
    public void Apply_OneLabelMoreThanDeclared_IsRefusedAndTheQueryStaysOpen()
    {
        var harness = new TaskHarness();
        var asks = harness.Define(0.01, 2, pool: 1000);
        harness.Send($"{asks[0].Sample}", "a", 0);
        harness.Send($"{asks[1].Sample}", "b", 1);
        Assert.Empty(harness.Send($"{asks[2].Sample}", "c", 2));

        harness.AssertRejected("'c', one more than the 2 different labels that the task's definition allows; define a new task with more labels");
        Assert.Equal(3, Assert.Single(harness.Send($"{asks[2].Sample}", "a", 2)).Progress.Labels);
    }

    [Fact]
    public void Apply_OneLabelMoreThanDeclaredInAPassiveTask_IsRefused()
    {
        var harness = new TaskHarness();
        harness.Define(0.01, 2);
        harness.Send("1", "a");
        harness.Send("2", "b");
        harness.Send("3", "c");

        harness.AssertRejected("one more than the 2 different labels");
    }

    [Fact]
    public void Apply_AnswerToATaskThatAsksNothing_IsRefused()
    {
        var harness = new TaskHarness();
        harness.Send("1", "a", query: 0);

        harness.AssertRejected("has no pool and asks nothing");
        harness.Define(0.3, 5, pool: 10);
        Assert.Single(harness.Rejections);
    }

    [Fact]
    public void Apply_Redefinition_ChangesNothingWhenEqualAndIsRefusedWhenNot()
    {
        var harness = new TaskHarness();
        harness.Define(0.01, 2, pool: 1000);
        var before = harness.Processor.SaveState();
        harness.Define(0.01, 2, pool: 1000);
        Assert.Equal(before, harness.Processor.SaveState());
        Assert.Empty(harness.Rejections);
        Assert.Empty(harness.Define(0.02, 2, pool: 1000));

        harness.AssertRejected("under way with another definition; give a new task another name");
    }

    [Fact]
    public void Apply_DefinitionAfterSamples_IsRefusedUnlessItSaysTheDefaults()
    {
        var harness = new TaskHarness();
        harness.Send("1", "a");
        harness.Define(0.01, 100);
        Assert.Empty(harness.Rejections);
        harness.Define(0.01, 100, pool: 10);

        harness.AssertRejected("under way with the defaults (delta 0.01, labels 100)");
    }

    [Fact]
    public void Apply_DefinitionAfterTheEnd_IsIgnoredWhenEqualAndRefusedWhenNot()
    {
        var harness = new TaskHarness();
        harness.Define(0.5, 2, maxLabels: 1);
        harness.Send("1", "a");
        harness.Restart();
        var before = harness.Processor.SaveState();
        Assert.Empty(harness.Define(0.5, 2, maxLabels: 1));
        Assert.Equal(before, harness.Processor.SaveState());
        Assert.Empty(harness.Rejections);
        harness.Define(0.4, 2, maxLabels: 1);

        harness.AssertRejected("'t' has ended (abstained); give a new task another name");
    }

    [Theory]
    [InlineData(EventTypes.LabelTask, "{}", "data.task: is missing")]
    [InlineData(EventTypes.LabelSample, "{\"task\":\"u\",\"sample\":\"1\",\"label\":\"a\"}", "data.task: is 'u' but the record's key is 't'")]
    [InlineData(EventTypes.LabelSample, "", "data: has 0 bytes")]
    [InlineData(EventTypes.VideoFrame, "{}", "ce_type: is 'streams.video.frame.v1'")]
    public void Apply_RecordOfAnotherForm_IsRefusedAndTheNextOneCounts(string type, string payload, string reason)
    {
        var harness = new TaskHarness();
        harness.Define(0.5, 2, rule: "ppr-1v1");
        harness.Apply(
        [
            TaskHarness.Record(100, type, Encoding.UTF8.GetBytes(payload)),
            .. Enumerable.Range(0, 3).Select(i => TaskHarness.Record(101 + i, EventTypes.LabelSample, LabelCodec.Encode(new LabelSample("t", $"{i}", "a")))),
        ]);

        harness.AssertRejected(reason);
        Assert.Equal("a", harness.Mode.Mode);
    }
}
