using Streams.Processors.ModeEstimation;
using Streams.Processors.ModeEstimation.DryRun;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.ModeEstimation.Tests.DryRun;

public sealed class ModeDryRunTests
{
    private static readonly ModeEstimationOptions Options = new() { DefaultLabels = 2 };

    /// <summary>PPR-1v1, two labels, delta .01: 11 labels against none are enough, 14 against one.</summary>
    private static readonly DryRunSetting Ppr = new(0.01, null, null, LabelRules.Ppr);

    [Fact]
    public async Task RunAsync_TasksThatEndInEachWay_CountsThem()
    {
        TaskHistory[] histories =
        [
            History("decided", [.. Enumerable.Repeat("a", 11), .. Enumerable.Repeat("b", 30)]),
            History("spent", [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? "a" : "b")]),
            History("open", [.. Enumerable.Repeat("a", 10)]),
        ];

        var row = await ModeDryRun.RunAsync(histories, Ppr with { MaxLabels = 20 }, Options, CancellationToken.None);

        Assert.Equal((3, 1, 0, 1, 1), (row.Tasks, row.Decided, row.EpsMode, row.Abstained, row.Open));
        Assert.Equal((11 + 20 + 10, 41 + 40 + 10 - 41), (row.LabelsUsed, row.LabelsSaved));
        Assert.Equal(41 / 3.0, row.MeanLabels);
        Assert.Equal(20, row.Percentile90Labels);
        // The first task was decided on a, but has more of b in the end.
        Assert.Equal(1, row.Differing);
        Assert.Equal(2 / 3.0, row.UnansweredShare);
    }

    [Fact]
    public async Task RunAsync_SampleThatComesAgain_CountsOnce()
    {
        var history = new TaskHistory("t", Options);
        for (var offset = 0; offset < 33; offset++)
        {
            Add(history, offset, $"{offset / 3}", "a");
        }

        var row = await ModeDryRun.RunAsync([history], Ppr, Options, CancellationToken.None);

        Assert.Equal(11, history.Labels);
        Assert.Equal((1, 11), (row.Decided, row.LabelsUsed));
    }

    [Fact]
    public async Task RunAsync_TieWithATolerance_EndsAsEpsMode()
    {
        var history = History("t", [.. Enumerable.Range(0, 2_000).Select(i => i % 2 == 0 ? "a" : "b")]);

        Assert.Equal(1, (await ModeDryRun.RunAsync([history], Ppr, Options, CancellationToken.None)).Open);
        var tolerant = await ModeDryRun.RunAsync([history], Ppr with { Tolerance = 0.1 }, Options, CancellationToken.None);

        Assert.Equal((1, 0), (tolerant.EpsMode, tolerant.Differing));
        // About 4 p ln(m/delta)/epsilon^2, m = 1, of which half of delta is left.
        Assert.InRange(tolerant.LabelsUsed, 800, 1_600);
    }

    [Fact]
    public async Task RunAsync_TasksOwnSetting_GivesWhatTheTaskGave()
    {
        // An active task whose oracle answers in another order than it is asked in.
        var live = new TaskHarness("poll");
        var definition = new LabelTask("poll", 0.05, 3, Pool: 500, InFlight: 4, Rule: LabelRules.LeaderBetting);
        var random = new Random(4);
        live.Answer(
            TruthOracle.Of(Enumerable.Range(0, 500).Select(i => (i % 10) switch { < 5 => "a", < 8 => "b", _ => "c" })),
            live.Define(definition),
            open => random.Next(open.Count));
        var history = new TaskHistory("poll", Options);
        live.Log.ForEach(history.Add);

        var row = await ModeDryRun.RunAsync([history], new DryRunSetting(0.05, null, null, LabelRules.LeaderBetting), Options, CancellationToken.None);
        var stricter = await ModeDryRun.RunAsync([history], new DryRunSetting(1e-6, null, null, LabelRules.LeaderBetting), Options, CancellationToken.None);

        Assert.Equal(LabelModeStatus.Decided, live.Mode.Status);
        Assert.Equal(definition, history.Definition);
        Assert.Equal((1, history.Labels, 0L, 0), (row.Decided, (int)row.LabelsUsed, row.LabelsSaved, row.Refused));
        Assert.Equal(1, stricter.Open);
    }

    [Fact]
    public async Task RunAsync_LabelTooMany_TellsWhatLiveWouldRefuse()
    {
        var row = await ModeDryRun.RunAsync([History("t", ["a", "b", "c"])], Ppr, Options, CancellationToken.None);

        Assert.Equal((1, 1), (row.Open, row.Refused));
        Assert.Contains("'c'", row.FirstRefusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_SettingThatTheDefinitionForbids_NamesBoth()
    {
        var history = new TaskHistory("t", Options);
        history.Add(TaskHarness.Record(0, EventTypes.LabelTask, LabelCodec.Encode(new LabelTask("t", 0.1, 2, MinLabels: 50))));
        Add(history, 1, "1", "a");

        var error = await Assert.ThrowsAsync<DryRunException>(() => ModeDryRun.RunAsync([history], Ppr with { MaxLabels = 20 }, Options, CancellationToken.None));

        Assert.Contains("task 't'", error.Message, StringComparison.Ordinal);
        Assert.Contains("max 20", error.Message, StringComparison.Ordinal);
        Assert.Contains("minLabels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_DefinitionAfterSamples_DoesNotCount()
    {
        var history = History("t", ["a"]);
        history.Add(TaskHarness.Record(1, EventTypes.LabelTask, LabelCodec.Encode(new LabelTask("t", 0.1, 2))));

        Assert.Null(history.Definition);
        Assert.False(history.IsAboutPairs);
    }

    private static TaskHistory History(string task, IReadOnlyList<string> labels)
    {
        var history = new TaskHistory(task, Options);
        for (var i = 0; i < labels.Count; i++)
        {
            Add(history, i, $"{i}", labels[i]);
        }

        return history;
    }

    private static void Add(TaskHistory history, long offset, string sample, string label) =>
        history.Add(TaskHarness.Record(offset, EventTypes.LabelSample, LabelCodec.Encode(new LabelSample(history.Task, sample, label))));
}
