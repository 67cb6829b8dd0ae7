using Streams.ModeEstimation.Tests.Pairs;
using Streams.Processors.ModeEstimation;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Processing;

namespace Streams.ModeEstimation.Tests;

public sealed class ReplayTests
{
    public static TheoryData<string> Kinds { get; } = ["active", "passive", "implied", "census", "abstain", "tolerance", "deadline", "drift", "weights", "open-set", "unbounded", .. LabelRules.All, .. PairPlay.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Apply_AnySplitIntoBatches_GivesTheSameResultsAndState(string kind)
    {
        var original = Play(kind);
        Assert.NotEmpty(original.Modes);
        Assert.NotEmpty(original.Rejections);
        foreach (var size in new[] { 1, 2, 7, 500 })
        {
            var again = new TaskHarness(original.Task, original.Options);
            foreach (var batch in original.Log.Chunk(size))
            {
                again.Apply(batch);
            }

            AssertSame(original, again);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void SaveState_AfterEveryRecord_RestoresAnEqualProcessor(string kind)
    {
        var original = Play(kind);
        var again = new TaskHarness(original.Task, original.Options);
        foreach (var record in original.Log)
        {
            again.Restart();
            again.Apply([record]);
        }

        AssertSame(original, again);
    }

    [Fact]
    public void Create_StateCutShortOrTooLong_IsRefused()
    {
        foreach (var (kind, records) in new[] { ("active", 40), ("leader-betting", 40), ("os-rank", 40), ("passive", 40), ("active", 100_000), ("pairs", 40), ("pairs-noisy", 90), ("drift", 600), ("drift", 1_150), ("weights", 60), ("open-set", 60), ("unbounded", 40) })
        {
            var original = Play(kind);
            var part = new TaskHarness(original.Task, original.Options);
            foreach (var record in original.Log.Take(records))
            {
                part.Apply([record]);
            }

            var state = part.Processor.SaveState();
            for (var length = 0; length < state.Length; length++)
            {
                AssertUnreadable(state[..length]);
            }

            AssertUnreadable([.. state, 0]);
        }
    }

    [Fact]
    public void Create_StateOfAnotherVersion_NamesBothVersions()
    {
        var refused = Assert.Throws<StateFormatException>(() => new ModeEstimationProcessorFactory().Create("t", [9, 0]));
        Assert.Equal("state of labelling task 't' has version 9; this program reads versions 1 to 4", refused.Message);
    }

    /// <summary>State of version 4 as it was first written: if this fails, the version number must rise and the old form stay readable.</summary>
    [Fact]
    public void Create_StateAsWrittenByVersion4_IsRead()
    {
        var harness = new TaskHarness("golden");
        var asks = harness.Define(0.05, 3, pool: 50, inFlight: 3, maxLabels: 30, rule: "os-1v1");
        harness.Send($"{asks[1].Sample}", "b", 1);
        harness.Send($"{asks[0].Sample}", "ä", 0);
        harness.Send($"{asks[0].Sample}", "b", 0);
        var spare = Enumerable.Range(0, 50).First(sample => harness.Asks.All(query => query.Sample != sample));
        harness.Send($"{spare}", "b");
        Assert.Equal(
            "04010101009A9999999999A93F0332031E066F732D317631066F732D3176310000000000000000000000000000000000000001010201620102C3A40102020502050E022E01120001001F0001000001",
            Convert.ToHexString(harness.Processor.SaveState()));
        harness.Restart();
    }

    [Fact]
    public void Apply_CancelledBeforeItStarts_ChangesNothing()
    {
        var harness = new TaskHarness();
        var before = harness.Processor.SaveState();
        Assert.Throws<OperationCanceledException>(() =>
        {
            _ = harness.Processor.ApplyAsync(Play("passive").Log, new CancellationToken(canceled: true));
        });
        Assert.Equal(before, harness.Processor.SaveState());
    }

    private static void AssertUnreadable(byte[] state) =>
        Assert.Throws<StateFormatException>(() => new ModeEstimationProcessorFactory().Create("t", state));

    private static void AssertSame(TaskHarness expected, TaskHarness actual)
    {
        Assert.Equal(expected.Rejections, actual.Rejections);
        Assert.Equal(expected.Results.Count, actual.Results.Count);
        foreach (var (one, other) in expected.Results.Zip(actual.Results))
        {
            Assert.Equal((one.Partition, one.Offset, one.Topic, one.Type, one.Time), (other.Partition, other.Offset, other.Topic, other.Type, other.Time));
            Assert.Equal(one.Data, other.Data);
        }

        Assert.Equal(expected.Processor.SaveState(), actual.Processor.SaveState());
    }

    /// <summary>A run with everything in it that can go wrong: repeats, contradictions, junk, late answers.</summary>
    internal static TaskHarness Play(string kind)
    {
        if (PairPlay.Kinds.Contains(kind))
        {
            return PairPlay.Of(kind);
        }

        var random = new Random(7);
        var harness = new TaskHarness(kind);
        var law = Laws.Named("T60");
        if (kind == "drift")
        {
            return Drift.WatchedTaskTests.PlayTwoChanges();
        }

        if (kind == "weights")
        {
            return Weighted.WeightedTaskTests.PlayNoisy();
        }

        if (kind == "open-set")
        {
            return Scale.OpenSetTaskTests.PlayCrowded();
        }

        if (kind is "passive" or "implied")
        {
            if (kind == "passive")
            {
                harness.Define(0.01, 3);
            }

            for (var i = 0; i < 1_200; i++)
            {
                harness.Send($"{i - (random.Next(5) == 0 ? 3 : 0)}", $"L{Laws.Draw(law, random)}", i % 97 == 5 ? 1 : null);
            }

            return harness;
        }

        var deadline = kind == "deadline" ? TaskHarness.Start.AddSeconds(60) : (DateTimeOffset?)null;
        var pool = kind == "census" ? 40 : 2_000;
        var oracle = TruthOracle.Of(Enumerable.Range(0, pool).Select(_ => $"L{Laws.Draw(law, random)}"));
        var rule = LabelRules.All.Contains(kind) ? kind : null;
        var delta = kind is "active" or "unbounded" or "tolerance" || rule is not null ? 0.001 : 1e-15;
        var asks = harness.Define(new LabelTask(kind, delta, kind == "unbounded" ? null : 3, pool, MaxLabels: kind == "abstain" ? 70 : null, Rule: rule, MinLabels: kind == "tolerance" ? 20 : null, Tolerance: kind == "tolerance" ? 0.3 : null, Deadline: deadline, ReaskAfterSeconds: deadline is null ? null : 30));
        harness.Answer(oracle, asks, open =>
        {
            var query = open[random.Next(open.Count)];
            switch (random.Next(8))
            {
                case 0:
                    harness.Send($"{pool + 5}", "L0", query.Query);
                    break;
                case 1:
                    var again = harness.Log[random.Next(harness.Log.Count)];
                    harness.Send(again.EventType, again.Payload.ToArray());
                    break;
                case 2 when harness.Log[^1].EventType == EventTypes.LabelSample:
                    harness.Send(LabelCodec.DecodeSample(harness.Log[^1].Payload, kind) with { Label = "L1" });
                    break;
                default:
                    break;
            }

            return random.Next(open.Count);
        });
        foreach (var ask in harness.Asks.TakeLast(5).ToList())
        {
            harness.Send(oracle.Answer(ask)!);
        }

        return harness;
    }
}
