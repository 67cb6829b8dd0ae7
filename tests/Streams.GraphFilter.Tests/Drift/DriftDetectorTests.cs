using Streams.GraphFilter.Tests.Online;
using Streams.Processors.GraphFilter.Online;

namespace Streams.GraphFilter.Tests.Drift;

public sealed class DriftDetectorTests
{
    private const int Runs = 12;
    private const int Sensors = 12;

    private static readonly OnlineOptions Reporting = new() { LearnEvery = 4, OnAlarm = AlarmResponse.Report };

    /// <summary>
    /// Were the chance to see a switch within 120 rows no better than a half, ten of twelve would come up with probability 0.02; were that of a
    /// false alarm in a run a quarter, none in twelve would with 0.03.
    /// </summary>
    [Fact]
    public void Test_SwitchedGraph_IsSeenSoonAndNothingBefore()
    {
        var (seen, early) = (0, 0);
        for (var run = 0; run < Runs; run++)
        {
            var stream = new NetworkStream(Sensors, 1_000 + run, run % 2 == 0 ? "sbm" : "er");
            var learner = new OnlineGraphLearner(Sensors, Reporting);
            stream.Feed(learner, 1_200, 0.1);
            early += (int)learner.Alarms;
            stream.Switch();
            stream.Feed(learner, 120, 0.1);
            seen += learner.LastAlarm > 1_200 ? 1 : 0;
        }

        Assert.Equal(0, early);
        Assert.InRange(seen, 10, Runs);
    }

    /// <summary>Entries that begin to be missing are no change of the network.</summary>
    [Fact]
    public void Test_MoreGaps_AreNoAlarm()
    {
        var stream = new NetworkStream(Sensors, 1);
        var learner = new OnlineGraphLearner(Sensors, Reporting);
        stream.Feed(learner, 1_200);
        stream.Feed(learner, 400, 0.4);
        stream.Feed(learner, 400);
        Assert.Equal(0, learner.Alarms);
        Assert.InRange(learner.DriftStatistic, 0.3, 3);
    }

    [Theory]
    [InlineData(AlarmResponse.Report, 300, 667)]
    [InlineData(AlarmResponse.Reset, 50, 260)]
    [InlineData(AlarmResponse.FasterForgetting, 50, 260)]
    public void Alarm_Response_ShortensTheMemory(AlarmResponse response, double least, double most)
    {
        var stream = new NetworkStream(Sensors, 2);
        var learner = new OnlineGraphLearner(Sensors, Reporting with { OnAlarm = response });
        stream.Feed(learner, 1_200);
        stream.Switch();
        stream.Feed(learner, 100);
        Assert.Equal(1, learner.Alarms);
        Assert.InRange(learner.EffectiveMemory, least, most);
    }

    [Fact]
    public void Test_ScaleOfOneSensor_IsSeen()
    {
        var stream = new NetworkStream(Sensors, 3);
        var learner = new OnlineGraphLearner(Sensors, Reporting);
        stream.Feed(learner, 1_200);
        for (var t = 0; t < 100; t++)
        {
            var row = stream.Next();
            row[5] *= 4;
            learner.Add(row);
        }

        Assert.Equal(1, learner.Alarms);
    }
}
