using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;

namespace Streams.ModeEstimation.Tests.Pairs;

public sealed class PairRefusedTests
{
    [Theory]
    [InlineData(0, 0, 1000L, "data.query: is 1000, which was never asked (8 queries so far, from 0)")]
    [InlineData(0, 1, null, "was never asked; answer queries of label.queries")]
    [InlineData(1000, 0, null, "data.sample: is 1000, which is not in the pool of this task; give a number from 0 to 999")]
    [InlineData(0, 1000, 0L, "data.other: is 1000, which is not in the pool")]
    [InlineData(0, 1, 0L, "but query 0 asked about samples")]
    public void Send_BadAnswer_IsRefusedAndChangesNothing(int sample, int other, long? query, string reason)
    {
        var harness = new TaskHarness();
        harness.DefinePairs(0.1, 2, pool: 1000);
        var before = harness.Processor.SaveState();
        harness.Send(new LabelPair("t", sample, other, true, Query: query));

        harness.AssertRejected(reason);
        Assert.Equal(before, harness.Processor.SaveState());
    }

    [Fact]
    public void Send_TheSameQuestionAnsweredOtherwise_IsCountedAndTheFirstAnswerStands()
    {
        var harness = new TaskHarness();
        var ask = harness.DefinePairs(0.1, 2, pool: 1000)[0];
        var answer = new LabelPair("t", ask.Sample!.Value, ask.Other!.Value, true, Query: ask.Query);
        harness.Send(answer);
        var state = harness.Processor.SaveState();
        Assert.Empty(harness.Send(answer with { Equal = false }));
        Assert.Empty(harness.Send(answer with { Equal = false, Query = null }));

        Assert.Equal((2, 2), (harness.Statistics.Duplicates, harness.Statistics.Contradictions));
        Assert.Empty(harness.Rejections);
        Assert.Equal(state[8..], harness.Processor.SaveState()[8..]);
    }

    [Fact]
    public void Send_SampleSaidToEqualTwoThatDiffer_IsRefused()
    {
        // Two bins level at the top: draws ahead were compared with the one, draws under way ask for the other.
        var harness = new TaskHarness();
        var asks = harness.DefinePairs(0.01, 3, pool: 100_000, inFlight: 3).ToList();
        var first = asks[0].Other!.Value;
        asks.AddRange(Answer(asks[0], equal: false));
        Schemas.Results.LabelQuery? twice = null;
        while (twice is null)
        {
            // Everything equals the second sample from here on, until one is asked about both while the first question is still open.
            var both = asks.GroupBy(query => query.Sample).FirstOrDefault(group => group.Count() > 1);
            if (both is not null)
            {
                Answer(both.First(query => query.Other == first), equal: true);
                twice = both.First(query => query.Other != first);
                break;
            }

            var next = asks.OrderBy(query => query.Other == first).ThenBy(query => query.Query).First();
            asks.AddRange(Answer(next, equal: next.Other != first));
        }

        Assert.Empty(harness.Rejections);
        Answer(twice, equal: true);
        harness.AssertRejected($"data.equal: is true, but sample {twice.Sample} was said to equal the sample of bin 0, which differs from sample {twice.Other}");

        IEnumerable<Schemas.Results.LabelQuery> Answer(Schemas.Results.LabelQuery query, bool equal)
        {
            asks.Remove(query);
            return harness.Send(new LabelPair("t", query.Sample!.Value, query.Other!.Value, equal, Query: query.Query));
        }
    }

    [Fact]
    public void Send_OneLabelMoreThanDeclared_IsRefusedAndTheQueryStaysOpen()
    {
        var harness = new TaskHarness();
        var ask = harness.DefinePairs(0.01, 2, pool: 100_000, inFlight: 1, rule: "ppr-1v1")[0];
        ask = Assert.Single(Answer(equal: false));
        ask = Assert.Single(Answer(equal: false));
        Assert.Empty(Answer(equal: false));

        harness.AssertRejected("data.equal: is false, which makes sample");
        Assert.Equal(3, Assert.Single(Answer(equal: true)).Progress.Labels);

        IReadOnlyList<Schemas.Results.LabelQuery> Answer(bool equal) =>
            harness.Send(new LabelPair("t", ask.Sample!.Value, ask.Other!.Value, equal, Query: ask.Query));
    }

    [Fact]
    public void Send_NoisyTask_WantsTheNumberOfTheQuery()
    {
        var harness = new TaskHarness();
        var ask = harness.DefinePairs(0.1, 2, pool: 1000, maxQueries: 1000, noise: 0.1)[0];
        harness.Send(new LabelPair("t", ask.Sample!.Value, ask.Other!.Value, true));

        harness.AssertRejected("data.query: is missing; the task has pairNoise");
    }

    [Fact]
    public void Send_AnswerOfTheOtherQueryModel_IsRefused()
    {
        var pairs = new TaskHarness();
        pairs.DefinePairs(0.1, 2, pool: 1000);
        pairs.Send("7", "a");
        pairs.AssertRejected("ce_type: is streams.label.sample.v1, but the task asks about pairs; answer with streams.label.pair.v1");

        foreach (var define in new[] { false, true })
        {
            var labels = new TaskHarness();
            if (define)
            {
                labels.Define(0.1, 2, pool: 1000);
            }

            labels.Send(new LabelPair("t", 1, 2, true));
            labels.AssertRejected("but the task asks about no pairs; define it first, with queryModel pairs");
        }
    }

    [Fact]
    public void DefinePairs_NoiseThatTheBudgetCannotRepeatAway_IsRefused()
    {
        var harness = new TaskHarness();
        harness.DefinePairs(0.01, 2, pool: 1000, maxQueries: 100, noise: 0.49);

        harness.AssertRejected("data.pairNoise: is 0.49, at which one comparison takes more answers than the 100 that can be asked for");
        Assert.Empty(harness.Queries);
    }

    [Fact]
    public void Define_AnotherDefinition_IsRefused()
    {
        var harness = new TaskHarness();
        harness.DefinePairs(0.01, 2, pool: 1000);
        harness.Define(0.01, 2, pool: 1000);

        harness.AssertRejected("under way with another definition");
        harness.Send(EventTypes.LabelPair, "{}"u8.ToArray());
        Assert.Equal(2, harness.Rejections.Count);
    }
}
