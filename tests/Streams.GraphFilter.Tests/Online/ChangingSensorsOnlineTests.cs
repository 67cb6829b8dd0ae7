using Streams.Processors.GraphFilter.Online;

namespace Streams.GraphFilter.Tests.Online;

public sealed class ChangingSensorsOnlineTests
{
    private static readonly OnlineOptions NoDrift = new() { Drift = null };

    [Fact]
    public void Adopt_AnotherOrder_CarriesEverythingAlong()
    {
        var stream = new NetworkStream(10, 1);
        var learner = new OnlineGraphLearner(10, NoDrift);
        stream.Feed(learner, 500);
        int[] places = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7];
        double[] before = new double[100], after = new double[100];
        learner.CopyModel(before);
        var edges = learner.Describe().Edges;
        learner.Adopt(places);
        learner.CopyModel(after);
        for (var i = 0; i < 10; i++)
        {
            for (var j = 0; j < 10; j++)
            {
                Assert.Equal(before[(places[i] * 10) + places[j]], after[(i * 10) + j]);
            }
        }

        Assert.Equal(edges.Count, learner.Describe().Edges.Count);
        Assert.All(edges, edge =>
        {
            int i = Array.IndexOf(places, edge.From), j = Array.IndexOf(places, edge.To);
            Assert.True(learner.IsEdge(Math.Min(i, j), Math.Max(i, j)));
        });
    }

    [Fact]
    public void Adopt_TheSameOrder_ChangesNoByteButTheDriftReference()
    {
        var learner = new OnlineGraphLearner(6, NoDrift);
        new NetworkStream(6, 2).Feed(learner, 60);
        var state = learner.Save();
        learner.Adopt([0, 1, 2, 3, 4, 5]);
        Assert.Equal(state, learner.Save());
    }

    /// <summary>A sensor leaves and two join: what is known of the others' edges stays, and the new ones' are learned.</summary>
    [Fact]
    public void Adopt_LeaveAndJoin_KeepsTheOthersAndLearnsTheNew()
    {
        const int size = 12;
        var stream = new NetworkStream(size, 3);
        var learner = new OnlineGraphLearner(size - 2, NoDrift with { Forgetting = 0.995 });
        for (var t = 0; t < 800; t++)
        {
            learner.Add(stream.Next().AsSpan(0, size - 2));
        }

        // Sensor 0 leaves, 10 and 11 join.
        learner.Adopt([1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1]);
        Assert.Equal(11, learner.Sensors);
        Assert.InRange(F1(stream, learner, joined: false), 0.8, 1);
        for (var t = 0; t < 1_500; t++)
        {
            learner.Add(stream.Next(0.1).AsSpan(1));
        }

        Assert.InRange(F1(stream, learner, joined: false), 0.8, 1);
        Assert.InRange(F1(stream, learner, joined: true), 0.75, 1);
    }

    [Fact]
    public void Adopt_OnlyNewSensors_StartsOver()
    {
        var learner = new OnlineGraphLearner(4);
        new NetworkStream(4, 4).Feed(learner, 60);
        learner.Adopt([-1, -1, -1]);
        learner.Add([1, -1, double.NaN]);
        var covariance = new double[9];
        learner.CopyCovariance(covariance);
        Assert.All(covariance, entry => Assert.True(double.IsFinite(entry)));
    }

    [Theory]
    [InlineData(new[] { 0, 0 })]
    [InlineData(new[] { 3 })]
    [InlineData(new[] { -2 })]
    [InlineData(new int[0])]
    public void Adopt_PlacesThatCannotBe_SaysWhatToGive(int[] places)
    {
        var learner = new OnlineGraphLearner(3);
        Assert.Contains("give", Assert.Throws<ArgumentException>(() => learner.Adopt(places)).Message, StringComparison.Ordinal);
        Assert.Equal(3, learner.Sensors);
    }

    /// <summary>Sensors 1 to 11 of the stream are 0 to 10 of the learner; 9 and 10 have joined.</summary>
    private static double F1(NetworkStream stream, OnlineGraphLearner learner, bool joined)
    {
        int both = 0, wrong = 0;
        for (int i = 0, pair = 0; i < 12; i++)
        {
            for (var j = i + 1; j < 12; j++, pair++)
            {
                if (i > 0 && j > 9 == joined)
                {
                    var (found, isEdge) = (learner.IsEdge(i - 1, j - 1), stream.Edges[pair] > 0);
                    both += found && isEdge ? 1 : 0;
                    wrong += found != isEdge ? 1 : 0;
                }
            }
        }

        return 2.0 * both / ((2 * both) + wrong);
    }
}
